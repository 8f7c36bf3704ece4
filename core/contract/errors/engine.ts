import type { ErrorTable } from './entry.ts'

export const engineErrors = {
  'engine.session_failed': {
    exit: 1,
    zh: {
      message: '计算引擎无法建立会话：{reason}。任务没有开始。',
      hint: '请运行 airlock doctor，并把日志交给维护人员。',
    },
    en: {
      message: 'The engine could not open a session: {reason}. The job did not start.',
      hint: 'Run airlock doctor and hand the log to your maintainer.',
    },
  },
  'engine.memory': {
    exit: 5,
    zh: {
      message:
        '内存不够：至少需要约 {neededGb} GB，可用 {availableGb} GB（最长的行有 {longestRow} 个词元）。训练没有开始。',
      hint: '请关闭其他程序、减小 train.maxLength，或选择更小的模型。',
    },
    en: {
      message:
        'Not enough memory: at least {neededGb} GB is needed, {availableGb} GB is available (the longest row has {longestRow} tokens). Training did not start.',
      hint: 'Close other programs, lower train.maxLength, or choose a smaller model.',
    },
  },
  'engine.context_full': {
    exit: 3,
    zh: {
      message: '对话共 {tokens} 个词元，超过了预留的 {capacity} 个，生成已停止。',
      hint: '请缩短提示词或减少要生成的词元数。',
    },
    en: {
      message: 'The conversation has {tokens} tokens, more than the {capacity} set aside; generation stopped.',
      hint: 'Shorten the prompt or ask for fewer new tokens.',
    },
  },
} as const satisfies ErrorTable
