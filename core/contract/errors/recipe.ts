import type { ErrorTable } from './entry.ts'

export const recipeErrors = {
  'recipe.syntax': {
    exit: 3,
    zh: {
      message: '配方第 {line} 行第 {column} 列无法读取（{reason}），因此没有执行任何操作。',
      hint: '请检查该行的缩进、冒号、引号和括号；YAML 缩进只能用空格，不能用制表符。',
    },
    en: {
      message: 'The recipe cannot be read at line {line}, column {column} ({reason}), so nothing was done.',
      hint: 'Check indentation, colons, quotes and brackets of that line; YAML indents with spaces, never tabs.',
    },
  },
  'recipe.duplicate_key': {
    exit: 3,
    zh: {
      message: '配方第 {line} 行第 {column} 列重复出现键“{key}”，无法判断以哪个值为准，因此没有执行任何操作。',
      hint: '请删除其中一个。',
    },
    en: {
      message:
        'The key "{key}" appears a second time at line {line}, column {column} of the recipe, and it is not clear which value counts, so nothing was done.',
      hint: 'Remove one of the two.',
    },
  },
  'recipe.tag': {
    exit: 3,
    zh: {
      message: '配方第 {line} 行使用了类型标签“{tag}”。配方只接受普通的值，因此没有执行任何操作。',
      hint: '请删除该标签，直接写出文本、数字、true、false、null、列表或键值对。',
    },
    en: {
      message:
        'Line {line} of the recipe uses the type tag "{tag}". A recipe holds plain values only, so nothing was done.',
      hint: 'Remove the tag and write a text, number, true, false, null, list or mapping.',
    },
  },
  'recipe.aliases': {
    exit: 3,
    zh: {
      message: '配方中的引用（*名称）展开后过大或循环引用，因此没有执行任何操作。',
      hint: '请把引用的内容直接写出来。',
    },
    en: {
      message: 'The references (*name) in the recipe grow too large or refer to themselves, so nothing was done.',
      hint: 'Write out what the references stand for.',
    },
  },
  'recipe.too_large': {
    exit: 3,
    zh: {
      message: '配方文件有 {bytes} 字节，超过上限 {limit} 字节，因此没有读取。',
      hint: '配方只写设置；数据请放在表格文件中，由 data.train 指向它。',
    },
    en: {
      message: 'The recipe file has {bytes} bytes, above the limit of {limit}, so it was not read.',
      hint: 'A recipe holds settings; keep the rows in table files that data.train points to.',
    },
  },
  'recipe.too_deep': {
    exit: 3,
    zh: { message: '配方的嵌套超过 {limit} 层，因此没有读取。', hint: '配方最多只需要四层，请检查括号和缩进。' },
    en: {
      message: 'The recipe is nested more than {limit} levels deep, so it was not read.',
      hint: 'A recipe never needs more than four levels; check brackets and indentation.',
    },
  },
  'recipe.encoding': {
    exit: 3,
    zh: { message: '配方文件不是 UTF-8 文本，因此没有读取。', hint: '请在编辑器中另存为 UTF-8。' },
    en: { message: 'The recipe file is not UTF-8 text, so it was not read.', hint: 'Save it as UTF-8 in your editor.' },
  },
  'recipe.unknown_key': {
    exit: 3,
    zh: {
      message: '配方中没有“{path}”这个键，因此没有执行任何操作。',
      hint: '最接近的是“{nearest}”。请改正拼写，或删除这个键。',
    },
    en: {
      message: 'The recipe has no key "{path}", so nothing was done.',
      hint: 'The nearest one is "{nearest}". Correct the spelling or remove the key.',
    },
  },
  'recipe.invalid': {
    exit: 3,
    zh: {
      message: '配方中“{path}”的值不可用，因此没有执行任何操作。应为：{expected}；实际为：{got}。',
      hint: '请改正这个值；不写这个键时（必填的除外）使用默认值。',
    },
    en: {
      message:
        'The value of "{path}" in the recipe cannot be used, so nothing was done. Expected: {expected}; got: {got}.',
      hint: 'Correct the value; a key that is left out takes its default, unless it is required.',
    },
  },
  'recipe.conflict': {
    exit: 3,
    zh: {
      message: '配方中的“{path}”与“{other}”不能同时使用，因此没有执行任何操作。',
      hint: '请只保留其中一个。',
    },
    en: {
      message: '"{path}" and "{other}" contradict each other in the recipe, so nothing was done.',
      hint: 'Keep one of the two.',
    },
  },
  'recipe.accept_needs_name': {
    exit: 3,
    zh: {
      message: '配方写明接受个人信息（privacy.findings: accept），却没有写明由谁或因何接受，因此没有执行任何操作。',
      hint: '请在 privacy.acceptedBy 中写明姓名或理由，它会记入审计记录。',
    },
    en: {
      message:
        'The recipe accepts personal data (privacy.findings: accept) without saying who accepts it or why, so nothing was done.',
      hint: 'Give a name or a reason in privacy.acceptedBy; it goes into the audit trail.',
    },
  },
  'recipe.column_role': {
    exit: 3,
    zh: {
      message: '任务“{task}”不使用 data.columns 中的“{role}”，因此没有执行任何操作。',
      hint: '该任务可用的列角色：{allowed}。请改正列映射或 task。',
    },
    en: {
      message: 'The task "{task}" does not use "{role}" in data.columns, so nothing was done.',
      hint: 'Column roles of this task: {allowed}. Correct the mapping or the task.',
    },
  },
  'recipe.placeholder_unknown': {
    exit: 3,
    zh: {
      message: '“{path}”中的占位符“{placeholder}”没有对应的列，因此没有执行任何操作。',
      hint: '可用的占位符：{known}。如果要写出花括号本身，请写成两层花括号。',
    },
    en: {
      message: 'The placeholder "{placeholder}" in "{path}" has no column, so nothing was done.',
      hint: 'Available placeholders: {known}. Double the braces to write them as plain text.',
    },
  },
  'recipe.placeholder_missing': {
    exit: 3,
    zh: {
      message: '“{path}”中缺少占位符“{placeholder}”，模型将看不到它，因此没有执行任何操作。',
      hint: '请在“{path}”中用花括号写上“{placeholder}”。',
    },
    en: {
      message: '"{path}" lacks the placeholder "{placeholder}", so the model would never see it; nothing was done.',
      hint: 'Write "{placeholder}" in braces into "{path}".',
    },
  },
  'recipe.answer_in_prompt': {
    exit: 3,
    zh: {
      message: '“{path}”中含有答案“{placeholder}”：模型会直接抄写答案，评测结果毫无意义，因此没有执行任何操作。',
      hint: '请从“{path}”中删除该占位符，它只属于 prompt.answer。',
    },
    en: {
      message:
        '"{path}" holds the answer "{placeholder}": the model would only copy it and the evaluation would mean nothing, so nothing was done.',
      hint: 'Remove that placeholder from "{path}"; it belongs into prompt.answer only.',
    },
  },
} as const satisfies ErrorTable
