import type { ErrorTable } from './entry.ts'

export const modelErrors = {
  'model.config.invalid': {
    exit: 3,
    zh: {
      message: '模型配置中的“{key}”无效（应为 {expected}），模型未被登记。',
      hint: '请向模型提供者索取完整的 config.json。',
    },
    en: {
      message: '"{key}" in the model configuration is not valid (expected {expected}); the model was not registered.',
      hint: 'Ask the model provider for a complete config.json.',
    },
  },
  'model.option_unsupported': {
    exit: 3,
    zh: {
      message: '{family} 模型使用了尚不支持的选项 {option} = {value}。为避免算错，模型未被载入。',
      hint: '请选择 docs/support.md 中列出的模型。',
    },
    en: {
      message:
        'The {family} model uses {option} = {value}, which is not supported. It was not loaded, because it would be computed wrongly.',
      hint: 'Choose a model listed in docs/support.md.',
    },
  },
  'model.unsupported': {
    exit: 3,
    zh: {
      message: '不支持的模型架构“{architecture}”，模型未被载入。目前支持：{supported}。',
      hint: '请选择受支持的架构，列表见 docs/support.md。',
    },
    en: {
      message:
        'The model architecture "{architecture}" is not supported; the model was not loaded. Supported now: {supported}.',
      hint: 'Choose a supported architecture; see docs/support.md.',
    },
  },
  'model.tensor_missing': {
    exit: 3,
    zh: { message: '模型文件缺少张量 {tensor}，模型不完整，未被载入。', hint: '请重新复制完整的模型文件夹。' },
    en: {
      message: 'The model files lack the tensor {tensor}; the model is incomplete and was not loaded.',
      hint: 'Copy the complete model folder again.',
    },
  },
  'model.tensor_shape': {
    exit: 3,
    zh: {
      message: '张量 {tensor} 的形状是 [{found}]，而配置要求 [{expected}]，模型未被载入。',
      hint: '权重与 config.json 不属于同一个模型，请重新复制。',
    },
    en: {
      message:
        'The tensor {tensor} has shape [{found}] but the configuration needs [{expected}]; the model was not loaded.',
      hint: 'Weights and config.json belong to different models; copy the folder again.',
    },
  },
  'model.target_unknown': {
    exit: 3,
    zh: {
      message: '没有名为“{target}”的线性层，微调没有开始。',
      hint: '可用：q_proj、k_proj、v_proj、o_proj、gate_proj、up_proj、down_proj 或 all-linear。',
    },
    en: {
      message: 'There is no linear layer called "{target}"; tuning did not start.',
      hint: 'Available: q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj, or all-linear.',
    },
  },
  'model.path_missing': {
    exit: 3,
    zh: { message: '找不到模型 {path}，没有改变任何内容。', hint: '请检查路径；若模型在 U 盘上，请确认已插好。' },
    en: {
      message: 'There is no model at {path}; nothing was changed.',
      hint: 'Check the path; if it is on a USB stick, make sure it is plugged in.',
    },
  },
  'model.file_missing': {
    exit: 3,
    zh: {
      message: '模型文件夹 {folder} 中缺少 {file}，模型未被载入。',
      hint: '请复制完整的模型文件夹（config.json、tokenizer.json、*.safetensors）。',
    },
    en: {
      message: 'The model folder {folder} has no {file}; the model was not loaded.',
      hint: 'Copy the complete model folder (config.json, tokenizer.json, *.safetensors).',
    },
  },
  'model.json_invalid': {
    exit: 3,
    zh: {
      message: '模型文件 {path} 不是有效的 UTF-8 JSON 或文本，模型未被载入。',
      hint: '文件可能已损坏，请重新复制。',
    },
    en: {
      message: 'The model file {path} is not valid UTF-8 JSON or text; the model was not loaded.',
      hint: 'The file may be damaged; copy it again.',
    },
  },
  'model.vocabulary_mismatch': {
    exit: 3,
    zh: {
      message: '分词器有 {tokenizer} 个词元，而模型只有 {model} 个，两者不属于同一个模型。模型未被载入。',
      hint: '请重新复制完整的模型文件夹。',
    },
    en: {
      message:
        'The tokenizer has {tokenizer} tokens but the model only {model}; they belong to different models. The model was not loaded.',
      hint: 'Copy the complete model folder again.',
    },
  },
  'model.no_chat_template': {
    exit: 3,
    zh: {
      message: '该模型没有对话模板，无法用于任务“{task}”，训练没有开始。',
      hint: '请选择带对话模板的“Instruct”或“Chat”模型，或使用 task: text。',
    },
    en: {
      message: 'The model has no chat template, so it cannot be used for the task "{task}"; nothing was started.',
      hint: 'Choose an "Instruct" or "Chat" model with a template, or use task: text.',
    },
  },
  'model.changed': {
    exit: 3,
    zh: {
      message: '模型 {model} 的内容与登记时不同（{part} 已改变），任务没有开始。',
      hint: '请用 airlock model verify 检查，或重新登记该模型。',
    },
    en: {
      message: 'The model {model} differs from what was registered ({part} changed); the job did not start.',
      hint: 'Check it with airlock model verify, or register it again.',
    },
  },
  'model.not_registered': {
    exit: 3,
    zh: {
      message: '没有名为“{model}”的已登记模型，任务没有开始。已登记：{known}。',
      hint: '用 airlock model add 登记模型，或在可联网的准备机上用 airlock model fetch 获取。',
    },
    en: {
      message: 'No model called "{model}" is registered; nothing was started. Registered: {known}.',
      hint: 'Register it with airlock model add, or obtain it on the connected preparation machine with airlock model fetch.',
    },
  },
} as const satisfies ErrorTable
