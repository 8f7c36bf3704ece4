import type { ErrorTable } from './entry.ts'

export const textErrors = {
  'text.tokenizer.invalid': {
    exit: 3,
    zh: {
      message: '分词器文件有误（{where}：{reason}），因此没有加载这个模型。',
      hint: '请从原始来源重新取得模型文件。',
    },
    en: {
      message: 'The tokenizer file is not valid ({where}: {reason}), so the model was not loaded.',
      hint: 'Obtain the model files again from their original source.',
    },
  },
  'text.tokenizer.unsupported': {
    exit: 3,
    zh: {
      message: '分词器的“{part}”用到了尚不支持的“{name}”；为避免切分结果不一致，没有加载它。',
      hint: '请换用受支持的模型（见 docs/support.md）。',
    },
    en: {
      message:
        'The tokenizer uses "{name}" as its {part}, which is not supported; it was not loaded, because its tokens would differ.',
      hint: 'Use a supported model (see docs/support.md).',
    },
  },
  'text.tokenizer.limit': {
    exit: 3,
    zh: {
      message: '分词器的{what}达到 {value}，超过上限 {maximum}，因此没有加载。',
      hint: '请确认这是一个真实模型的分词器文件。',
    },
    en: {
      message: 'The tokenizer has {what} of {value}, above the limit of {maximum}, so it was not loaded.',
      hint: 'Check that this is the tokenizer file of a real model.',
    },
  },
  'text.tokenizer.text_too_long': {
    exit: 3,
    zh: { message: '一段文本有 {length} 个字符，超过上限 {maximum}，因此没有切分。', hint: '请拆分或删除这段文本。' },
    en: {
      message: 'One text has {length} characters, above the limit of {maximum}, so it was not tokenised.',
      hint: 'Split or remove this text.',
    },
  },
  'text.tokenizer.unknown_id': {
    exit: 3,
    zh: {
      message: '编号 {id} 不在分词器的词表中（词表大小 {vocabSize}），因此无法还原文本。',
      hint: '请检查分词器与模型是否配套。',
    },
    en: {
      message: 'Token id {id} is not in the vocabulary (size {vocabSize}), so the text cannot be restored.',
      hint: 'Check that tokenizer and model belong together.',
    },
  },
  'text.template.syntax': {
    exit: 3,
    zh: {
      message: '对话模板第 {line} 行有语法错误（{reason}），因此无法使用。',
      hint: '请从原始来源重新取得模型文件，或修正模板。',
    },
    en: {
      message: 'The chat template has a syntax error on line {line} ({reason}), so it cannot be used.',
      hint: 'Obtain the model files again, or correct the template.',
    },
  },
  'text.template.unsupported': {
    exit: 3,
    zh: {
      message: '对话模板第 {line} 行用到了尚不支持的“{name}”，因此无法使用。',
      hint: '请换用受支持的模板（见 docs/support.md）。',
    },
    en: {
      message: 'The chat template uses "{name}" on line {line}, which is not supported, so it cannot be used.',
      hint: 'Use a supported template (see docs/support.md).',
    },
  },
  'text.template.failed': {
    exit: 3,
    zh: {
      message: '对话模板在第 {line} 行无法处理这段对话（{reason}），因此没有生成文本。',
      hint: '请检查消息的角色与字段是否符合该模型的模板。',
    },
    en: {
      message: 'The chat template cannot render this conversation (line {line}: {reason}), so no text was produced.',
      hint: "Check that the roles and fields of the messages fit this model's template.",
    },
  },
  'text.template.raised': {
    exit: 3,
    zh: {
      message: '对话模板拒绝了这段对话：{message}',
      hint: '请按模板的要求调整消息的角色与顺序。',
    },
    en: {
      message: 'The chat template refuses this conversation: {message}',
      hint: 'Arrange roles and order of the messages as the template asks.',
    },
  },
  'text.template.limit': {
    exit: 3,
    zh: {
      message: '对话模板超出了安全上限（{limit}，上限 {maximum}），已停止运行。',
      hint: '若对话确实很长，请拆分；否则该模板可能有害，请勿使用。',
    },
    en: {
      message: 'The chat template went beyond a safety limit ({limit}, at most {maximum}) and was stopped.',
      hint: 'Split the conversation if it is very long; otherwise the template may be harmful and should not be used.',
    },
  },
  'text.template.no_span': {
    exit: 3,
    zh: {
      message: '无法从对话模板的结果中确定第 {index} 条消息（助手回答）的位置，因此不能用它训练。',
      hint: '请换用带有 generation 标记的模板，或只保留最后一轮回答。',
    },
    en: {
      message:
        "The place of message {index} (the assistant's answer) cannot be found in the rendered conversation, so it cannot be trained on.",
      hint: 'Use a template with generation blocks, or keep the last answer only.',
    },
  },
  'text.content_unsupported': {
    exit: 3,
    zh: {
      message: '第 {index} 条消息含有“{type}”内容，目前只支持文本，因此没有处理。',
      hint: '请移除该内容，或只保留文本部分。',
    },
    en: {
      message: 'Message {index} holds content of type "{type}"; only text is supported, so it was not processed.',
      hint: 'Remove this content, or keep its text only.',
    },
  },
  'text.message_invalid': {
    exit: 3,
    zh: {
      message: '第 {index} 条消息的格式有误（{reason}），因此没有处理。',
      hint: '每条消息需要文本“role”，以及文本或文本片段列表“content”。',
    },
    en: {
      message: 'Message {index} is malformed ({reason}), so it was not processed.',
      hint: 'A message needs a text "role" and a "content" that is text or a list of text parts.',
    },
  },
} as const satisfies ErrorTable
