import type { ErrorTable } from './entry.ts'

export const trainErrors = {
  'train.not_finite': {
    exit: 1,
    zh: {
      message: '第 {step}/{steps} 步的损失或梯度不是有限数，训练已立即停止。上一个正常的检查点已保留。',
      hint: '请把学习率降低到原来的三分之一左右再试，或检查是否有异常长的行。',
    },
    en: {
      message:
        'At step {step} of {steps} the loss or gradient stopped being a finite number; training ended at once. The last good checkpoint is kept.',
      hint: 'Try again with about a third of the learning rate, or look for unusually long rows.',
    },
  },
  'train.plan_changed': {
    exit: 3,
    zh: {
      message: '检查点 {checkpoint} 属于另一个计算方案，无法接着训练；没有改变任何内容。',
      hint: '请用原来的任务文件夹继续，或重新开始一次训练。',
    },
    en: {
      message:
        'The checkpoint {checkpoint} belongs to another plan, so the run cannot continue from it; nothing was changed.',
      hint: 'Continue with the original job folder, or start a new run.',
    },
  },
  'train.no_rows': {
    exit: 3,
    zh: {
      message: '没有可用于训练的行（{tooLong} 行超过最大长度），训练没有开始。',
      hint: '请增大 train.maxLength 或检查数据。',
    },
    en: {
      message: 'No row can be trained on ({tooLong} rows are longer than the maximum); training did not start.',
      hint: 'Raise train.maxLength or check the data.',
    },
  },
} as const satisfies ErrorTable
