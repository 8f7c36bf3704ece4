import type { ErrorTable } from './entry.ts'

export const evaluationErrors = {
  'evaluation.rows.empty': {
    exit: 3,
    zh: {
      message: '没有可供评测的测试数据，因此得不出任何结论。',
      hint: '请在配方中给出 data.test，或用 data.split 划出测试集（每个类别至少 1 行）。',
    },
    en: {
      message: 'There are no test rows, so nothing can be concluded.',
      hint: 'Give data.test in the recipe, or set part of the rows aside with data.split (at least one row a class).',
    },
  },
  'evaluation.rows.duplicate': {
    exit: 3,
    zh: {
      message: '行 {rowId} 的预测出现了两次，重复计数会使结果失真，因此停止评测。',
      hint: '请让每一行测试数据只评分一次，再重新评测。',
    },
    en: {
      message:
        'Row {rowId} was predicted twice; counting it twice would distort the result, so the evaluation stopped.',
      hint: 'Score every test row once and evaluate again.',
    },
  },
  'evaluation.rows.mismatch': {
    exit: 3,
    zh: {
      message:
        '调优前后的预测不是同一批测试数据（调优前 {base} 行，调优后 {tuned} 行，行 {rowId} 对不上），无法逐行比较。',
      hint: '请用同一个测试集重新评测调优前与调优后的模型。',
    },
    en: {
      message:
        'Base and tuned were not predicted on the same test rows (base {base}, tuned {tuned}; row {rowId} does not match), so they cannot be compared row by row.',
      hint: 'Evaluate the base and the tuned model again on one test split.',
    },
  },
  'evaluation.labels.invalid': {
    exit: 3,
    zh: {
      message: '类别清单无效：有 {count} 个类别，其中 {repeated} 个重复。评测至少需要 2 个互不相同的类别。',
      hint: '请检查标签列，或配方中的 data.labels。',
    },
    en: {
      message:
        'The list of classes is invalid: {count} classes, {repeated} of them repeated. An evaluation needs at least 2 different classes.',
      hint: 'Check the label column, or data.labels in the recipe.',
    },
  },
  'evaluation.label.unknown': {
    exit: 3,
    zh: {
      message: '行 {rowId} 的类别不在本次任务的 {count} 个类别之内（来源：{field}），该行无法评分。',
      hint: '请检查测试集标签的写法，或把这个类别加入训练数据。',
    },
    en: {
      message:
        'The class of row {rowId} is not among the {count} classes of this task (from: {field}), so it cannot be scored.',
      hint: 'Check the spelling of the labels in the test split, or add this class to the training rows.',
    },
  },
  'evaluation.score.missing': {
    exit: 1,
    zh: {
      message: '行 {rowId} 有 {count} 个类别的分数，但缺少其预测类别或正确类别的分数，无法比较，评测已停止。',
      hint: '请重新评测；如再次出现，请把日志交给维护人员。',
    },
    en: {
      message:
        'Row {rowId} has scores for {count} classes, but not for its predicted or its right class, so they cannot be compared; the evaluation stopped.',
      hint: 'Evaluate again; if it happens again, hand the log to your maintainer.',
    },
  },
  'evaluation.score.not_finite': {
    exit: 1,
    zh: {
      message: '评测中出现了不是有限数的分数（位置：{where}），由此得到的结果不可信，因此停止评测。',
      hint: '请检查适配器是否训练正常（损失中有无 NaN），或换用 fp32 精度后重试。',
    },
    en: {
      message:
        'A score is not a finite number (at: {where}); a result built on it could not be trusted, so the evaluation stopped.',
      hint: 'Check that the adapter trained well (no NaN in the losses), or try again with precision fp32.',
    },
  },
  'evaluation.tokens.none': {
    exit: 3,
    zh: {
      message: '{where} 没有可计分的词元，无法计算分数或损失。',
      hint: '请检查答案列是否为空，或提高 train.maxLength。',
    },
    en: {
      message: '{where} has no token to score, so no score or loss can be computed.',
      hint: 'Check for empty answers, or raise train.maxLength.',
    },
  },
  'evaluation.recipe_needed': {
    exit: 2,
    zh: {
      message: '评测适配器“{adapter}”需要知道提示词和类别，因此没有执行。',
      hint: '请用 --recipe 指定它的配方，或用 --run 评测一次训练。',
    },
    en: {
      message: 'To evaluate the adapter "{adapter}", its prompt and classes must be known; nothing was done.',
      hint: 'Name its recipe with --recipe, or evaluate a run with --run.',
    },
  },
  'evaluation.label_unknown': {
    exit: 3,
    zh: {
      message: '文件 {file} 第 {line} 行的类别不在训练时的类别之中，评测没有进行。',
      hint: '请改正该行，或只保留已知类别的行。',
    },
    en: {
      message: 'Line {line} of {file} holds a class that was not trained; nothing was evaluated.',
      hint: 'Correct the row, or keep only rows of known classes.',
    },
  },
} as const satisfies ErrorTable
