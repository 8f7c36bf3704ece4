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
} as const satisfies ErrorTable
