import type { ErrorTable } from './entry.ts'

export const generalErrors = {
  'internal.invariant': {
    exit: 1,
    zh: { message: '程序内部出现缺陷：{message}。您的数据没有改变。', hint: '请把日志交给维护人员。' },
    en: {
      message: 'A defect inside Airlock: {message}. Your data was not changed.',
      hint: 'Please hand the log to your maintainer.',
    },
  },
  'job.cancelled': {
    exit: 130,
    zh: { message: '任务已取消，最近的检查点已保留。', hint: '用 airlock resume 继续。' },
    en: { message: 'The job was cancelled; the latest checkpoint is kept.', hint: 'Continue with airlock resume.' },
  },
  'feature.unavailable': {
    exit: 2,
    zh: { message: '“{feature}”尚未提供，因此没有执行任何操作。', hint: '请改用已提供的选项（见 docs/support.md）。' },
    en: {
      message: '"{feature}" is not available yet, so nothing was done.',
      hint: 'Use an option that is available (see docs/support.md).',
    },
  },
} as const satisfies ErrorTable
