import type { Lang } from '../core/contract/messages/index.ts'

const en = {
  program: 'Measures the speed and the memory of Airlock on this machine.',
  train: 'training steps on synthetic rows, beside the speed of plain matrix products',
  rows: "the training part of a recipe, on the product's own path",
  decode: 'generating text, token by token',
  score: 'scoring the labels of a built-in task',
  import: 'reading a large table',
  model: 'folder, .gguf file or id of a model that was obtained',
  recipe: 'recipe (YAML or JSON)',
  batch: 'rows of a step',
  seq: 'tokens of a row',
  supervised: 'share of the tokens that are predicted',
  precision: 'auto | fp32 | int8 | int4',
  steps: 'measured steps, two more run before them',
  recipeSteps: 'measured steps, two more run before them; all of the recipe unless given',
  targets: 'all-linear, or names of linear layers separated by commas',
  dropout: 'LoRA dropout',
  tokens: 'measured tokens',
  scoreRows: 'rows to score',
  importRows: 'rows of the table',
  stages: 'read,profile,store,memory',
}

const zh: typeof en = {
  program: '测量 Airlock 在本机上的速度和内存。',
  train: '在合成数据上训练若干步，并与本机矩阵乘法的速度对照',
  rows: '按产品自身的流程执行配方的训练部分',
  decode: '逐个词元生成文本',
  score: '为内置任务的标签打分',
  import: '读取大型表格',
  model: '模型文件夹、.gguf 文件，或已获取模型的 ID',
  recipe: '配方（YAML 或 JSON）',
  batch: '每步的行数',
  seq: '每行的词元数',
  supervised: '需要预测的词元所占比例',
  precision: 'auto | fp32 | int8 | int4',
  steps: '计入的步数，之前另运行两步',
  recipeSteps: '计入的步数，之前另运行两步；不给出时运行整个配方',
  targets: 'all-linear，或以逗号分隔的线性层名称',
  dropout: 'LoRA dropout',
  tokens: '计入的词元数',
  scoreRows: '打分的行数',
  importRows: '表格的行数',
  stages: 'read,profile,store,memory',
}

/** Help texts of one language. */
export function textsIn(lang: Lang): typeof en {
  return lang === 'zh' ? zh : en
}

/** Names of the figures in a table for people; everything else shows under its key in the JSON. */
export const FIGURES: Readonly<Record<string, Readonly<Record<Lang, string>>>> = {
  rowsPerSecond: { zh: '行/秒', en: 'rows/s' },
  tokensPerSecond: { zh: '词元/秒', en: 'tokens/s' },
  promptTokensPerSecond: { zh: '提示词 词元/秒', en: 'prompt tokens/s' },
  candidatesPerSecond: { zh: '标签/秒', en: 'labels/s' },
  secondsPerStep: { zh: '秒/步（中位数）', en: 's/step (median)' },
  secondsPerToken: { zh: '秒/词元（中位数）', en: 's/token (median)' },
  seconds: { zh: '秒', en: 'seconds' },
  longestPauseSeconds: { zh: '最长停顿（秒）', en: 'longest pause (s)' },
  steps: { zh: '计入的步数', en: 'steps measured' },
  excludedSteps: { zh: '不计入的步数', en: 'steps excluded' },
  recipeSteps: { zh: '配方总步数', en: 'steps of the recipe' },
  peakMemoryBytes: { zh: '内存峰值', en: 'peak memory' },
  flopsPerSecond: { zh: '有效运算速度', en: 'useful speed' },
  matmulFlopsPerSecond: { zh: '本机矩阵乘法速度', en: 'matrix products of this machine' },
  shareOfMatmul: { zh: '达到的比例', en: 'share reached' },
  model: { zh: '模型', en: 'model' },
  recipe: { zh: '配方', en: 'recipe' },
  precision: { zh: '精度', en: 'precision' },
  threads: { zh: '线程', en: 'threads' },
  cpu: { zh: '处理器', en: 'processor' },
  rows: { zh: '行数', en: 'rows' },
  tokens: { zh: '词元数', en: 'tokens' },
  batch: { zh: '每步行数', en: 'rows a step' },
  seq: { zh: '每行词元', en: 'tokens a row' },
  supervisedTokens: { zh: '每步预测词元', en: 'predicted tokens a step' },
  promptTokens: { zh: '提示词词元', en: 'prompt tokens' },
  labels: { zh: '标签数', en: 'labels' },
  bytes: { zh: '文件大小', en: 'file size' },
}

export const TABLE_HEADER: Readonly<Record<Lang, readonly [string, string]>> = {
  zh: ['测量项', '值'],
  en: ['figure', 'value'],
}
