import { modelIdSchema } from '../../contract/domain/bundle.ts'
import { printable } from '../../formats/zip/index.ts'
import { AppError } from '../../kit/index.ts'

/** The LoRA settings that decide what an adapter computes: y = W·x + scale · B·A·x. */
export interface PeftConfig {
  readonly rank: number
  readonly alpha: number
  /** Used in training only. */
  readonly dropout: number
  /** Names of the linear layers, such as `q_proj`; sorted. */
  readonly targets: readonly string[]
  /** A model id, never a path of a machine. */
  readonly baseModelId: string
  readonly taskType: string
  /** Rank-stabilised scale, alpha / √rank instead of alpha / rank. */
  readonly rankStabilised?: boolean
}

/** A configuration as the file gives it. */
export type ParsedConfig = Omit<PeftConfig, 'targets'> & {
  readonly targets: readonly string[] | 'all-linear' | 'pattern'
}

/** Factor on B·A: alpha / rank, or alpha / √rank when rank-stabilised. */
export function scaleOf({ rank, alpha, rankStabilised }: PeftConfig): number {
  return alpha / (rankStabilised ? Math.sqrt(rank) : rank)
}

/** What the adapters of causal language models may declare; another task needs layers of its own. */
const TASK_TYPE = 'CAUSAL_LM'

/** Members that do not change what the stored matrices compute. */
const INFORMATIVE = new Set([
  'auto_mapping',
  'base_model_name_or_path',
  'ensure_weight_tying', // matters only with modules_to_save, which is refused
  'eva_config', // chooses the starting values of A
  'exclude_modules', // the file holds no matrices for excluded layers
  'inference_mode',
  'megatron_core',
  'peft_version',
  'qalora_group_size', // matters only with use_qalora, which is refused
  'revision',
  'runtime_config',
  'task_type',
])

/** Starting values that leave the base model's own weights alone; the others (PiSSA, OLoRA, CorDA …) change them. */
const PLAIN_STARTS = new Set<unknown>([true, false, null, undefined, 'gaussian', 'orthogonal', 'eva'])

/**
 * The `adapter_config.json` of an adapter, members sorted; everything that PEFT would otherwise fill in by its own
 * default is left out, except where the default is worth stating.
 * @throws adapter.base_id_path when the base model id is a path
 */
export function encodePeftConfig(config: PeftConfig): string {
  if (!modelIdSchema.safeParse(config.baseModelId).success) {
    throw new AppError('adapter.base_id_path', { id: printable(config.baseModelId) })
  }
  const members: Record<string, unknown> = {
    alpha_pattern: {},
    auto_mapping: null,
    base_model_name_or_path: config.baseModelId,
    bias: 'none',
    fan_in_fan_out: false,
    inference_mode: true,
    init_lora_weights: true,
    layers_pattern: null,
    layers_to_transform: null,
    lora_alpha: config.alpha,
    lora_dropout: config.dropout,
    modules_to_save: null,
    peft_type: 'LORA',
    r: config.rank,
    rank_pattern: {},
    revision: null,
    target_modules: [...config.targets].sort(),
    task_type: config.taskType,
    use_dora: false,
    use_rslora: config.rankStabilised ?? false,
  }
  return `${JSON.stringify(members, null, 2)}\n`
}

/**
 * Reads `adapter_config.json` and accepts only what is computed exactly: plain LoRA with one rank and one scale.
 * Where the file names its layers by a regular expression or as `all-linear`, only the tensors say which are meant.
 * @throws adapter.config_invalid, adapter.type_unsupported, adapter.option_unsupported, adapter.task_unsupported
 */
export function parsePeftConfig(json: unknown): ParsedConfig {
  if (json === null || typeof json !== 'object' || Array.isArray(json)) invalid('JSON')
  const members = json as Readonly<Record<string, unknown>>
  const type = members.peft_type
  if (type !== 'LORA') throw new AppError('adapter.type_unsupported', { type: printable(String(type)) })
  const task = members.task_type ?? TASK_TYPE
  if (task !== TASK_TYPE) throw new AppError('adapter.task_unsupported', { task: printable(String(task)) })
  for (const [name, value] of Object.entries(members)) checkOption(name, value)
  const rank = members.r
  const alpha = members.lora_alpha
  const dropout = members.lora_dropout ?? 0
  if (typeof rank !== 'number' || !Number.isInteger(rank) || rank < 1 || rank > 65536) return invalid('r')
  if (typeof alpha !== 'number' || !Number.isFinite(alpha)) return invalid('lora_alpha')
  if (typeof dropout !== 'number' || !(dropout >= 0 && dropout <= 1)) return invalid('lora_dropout')
  const baseModelId = members.base_model_name_or_path ?? ''
  if (typeof baseModelId !== 'string') return invalid('base_model_name_or_path')
  return {
    rank,
    alpha,
    dropout,
    targets: parseTargets(members.target_modules),
    baseModelId,
    taskType: TASK_TYPE,
    rankStabilised: members.use_rslora === true,
  }
}

/** Settings with their own checks above or below. */
const READ = new Set(['peft_type', 'r', 'lora_alpha', 'lora_dropout', 'target_modules'])

/** Refuses by name whatever is switched on and would change the result, also what is not known yet. */
function checkOption(name: string, value: unknown): void {
  if (READ.has(name) || INFORMATIVE.has(name)) return
  const isAllowed =
    name === 'bias'
      ? value === 'none' || value === null
      : name === 'init_lora_weights'
        ? PLAIN_STARTS.has(value)
        : name === 'use_rslora'
          ? value === true || isOff(value)
          : isOff(value)
  if (isAllowed) return
  const shown = typeof value === 'object' ? '…' : printable(String(value))
  throw new AppError('adapter.option_unsupported', { option: printable(name), value: shown })
}

/** Off: false, null, or an empty list or object, as PEFT writes options that are not used. */
function isOff(value: unknown): boolean {
  if (value === false || value === null) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

function parseTargets(value: unknown): readonly string[] | 'all-linear' | 'pattern' {
  if (typeof value === 'string') return value === 'all-linear' ? value : 'pattern'
  const isList = Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string' && name)
  if (!isList) return invalid('target_modules')
  return [...new Set(value as string[])].sort()
}

function invalid(member: string): never {
  throw new AppError('adapter.config_invalid', { member })
}
