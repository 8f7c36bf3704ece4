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
} as const satisfies ErrorTable
