import type { ErrorTable } from './entry.ts'

export const trainErrors = {
  'train.not_finite': {
    exit: 3,
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
  'job.process_died': {
    exit: 5,
    zh: {
      message: '计算进程意外结束（{code}{signal}），最近的检查点已保留。',
      hint: '用 airlock resume 继续；若再次发生，多半是内存不足，请关闭其他程序。',
    },
    en: {
      message: 'The compute process ended unexpectedly ({code}{signal}); the latest checkpoint is kept.',
      hint: 'Continue with airlock resume; if it happens again, memory is the likely cause: close other programs.',
    },
  },
  'run.unknown': {
    exit: 3,
    zh: { message: '找不到训练“{run}”，没有改变任何内容。', hint: '用 airlock runs 查看已有的训练。' },
    en: { message: 'There is no run "{run}"; nothing was changed.', hint: 'See what exists with airlock runs.' },
  },
  'run.folder_missing': {
    exit: 3,
    zh: { message: '任务文件夹 {folder} 不完整或已被移走，无法继续。', hint: '请恢复该文件夹，或用同一配方重新运行。' },
    en: {
      message: 'The job folder {folder} is incomplete or was moved; the run cannot go on.',
      hint: 'Restore the folder, or run the recipe again.',
    },
  },
  'run.not_finished': {
    exit: 3,
    zh: { message: '训练 {run} 尚未完成，还没有可导出的适配器。', hint: '用 airlock resume {run} 完成它。' },
    en: {
      message: 'The run {run} has not finished, so there is no adapter to hand over yet.',
      hint: 'Finish it with airlock resume {run}.',
    },
  },
  'run.already_done': {
    exit: 3,
    zh: { message: '训练 {run} 已经完成，无需继续。', hint: '用 airlock show {run} 查看结果。' },
    en: {
      message: 'The run {run} is already finished; there is nothing to continue.',
      hint: 'See its result with airlock show {run}.',
    },
  },
  'run.cancelled': {
    exit: 130,
    zh: { message: '已停止，训练 {run} 的最近检查点已保留。', hint: '继续：airlock resume {run}' },
    en: { message: 'Stopped; the latest checkpoint of {run} is kept.', hint: 'Continue with: airlock resume {run}' },
  },
  'run.no_bundle': {
    exit: 3,
    zh: {
      message: '训练 {run} 的配方没有要求生成签名包，因此没有可导出的包。',
      hint: '在配方的 export.formats 中加入 bundle 后重新运行。',
    },
    en: {
      message: 'The recipe of {run} did not ask for a bundle, so there is none to export.',
      hint: 'Add bundle to export.formats in the recipe and run it again.',
    },
  },
  'run.export_exists': {
    exit: 3,
    zh: { message: '{path} 已存在，没有覆盖任何文件。', hint: '请换一个文件夹，或先移走已有的文件。' },
    en: {
      message: '{path} already exists; nothing was overwritten.',
      hint: 'Choose another folder, or move the existing files away first.',
    },
  },
} as const satisfies ErrorTable
