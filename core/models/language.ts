import { join } from 'node:path'
import { AppError, diskFiles } from '../kit/index.ts'
import {
  type ChatTemplate,
  compileChatTemplate,
  loadTokenizerGguf,
  loadTokenizerJson,
  type Tokenizer,
} from '../text/index.ts'
import type { OpenedModel } from './open.ts'
import { readModelJson, readModelText } from './open.ts'

/** How a model reads and writes text. */
export interface ModelLanguage {
  readonly tokenizer: Tokenizer
  /** Null when the model has no chat template (plain text tasks only). */
  readonly template: ChatTemplate | null
  /** Token that ends a text or turn, when the model names one. */
  readonly endOfText: number | null
}

/** Loads tokenizer and chat template of an opened model; `model.file_missing` when a folder has no tokenizer.json. */
export function loadLanguage(model: OpenedModel): ModelLanguage {
  return model.metadata === null
    ? languageOfFolder(model.path, model.config.vocab)
    : languageOfGguf(model.metadata, model.config.vocab)
}

function languageOfFolder(folder: string, vocab: number): ModelLanguage {
  const config = diskFiles.exists(join(folder, 'tokenizer_config.json'))
    ? readModelJson(folder, 'tokenizer_config.json')
    : {}
  const tokenizer = loadTokenizerJson(readModelJson(folder, 'tokenizer.json'), config)
  const file = join(folder, 'chat_template.jinja')
  const source = diskFiles.exists(file) ? readModelText(file) : templateOf(config.chat_template)
  return complete(
    tokenizer,
    source,
    { bosToken: specialText(config.bos_token), eosToken: specialText(config.eos_token) },
    vocab,
  )
}

function languageOfGguf(metadata: ReadonlyMap<string, unknown>, vocab: number): ModelLanguage {
  const tokenizer = loadTokenizerGguf(metadata)
  const token = (key: string): string | undefined => {
    const id = metadata.get(`tokenizer.ggml.${key}_token_id`)
    return typeof id === 'number' || typeof id === 'bigint' ? tokenizer.tokenOf(Number(id)) : undefined
  }
  return complete(
    tokenizer,
    templateOf(metadata.get('tokenizer.chat_template')),
    { bosToken: token('bos'), eosToken: token('eos') },
    vocab,
  )
}

function complete(
  tokenizer: Tokenizer,
  source: string | null,
  specials: { bosToken: string | undefined; eosToken: string | undefined },
  vocab: number,
): ModelLanguage {
  if (tokenizer.vocabSize > vocab)
    throw new AppError('model.vocabulary_mismatch', { tokenizer: tokenizer.vocabSize, model: vocab })
  const { bosToken, eosToken } = specials
  const given = { ...(bosToken === undefined ? {} : { bosToken }), ...(eosToken === undefined ? {} : { eosToken }) }
  return {
    tokenizer,
    template: source === null ? null : compileChatTemplate(source, given),
    endOfText: eosToken === undefined ? null : (tokenizer.idOf(eosToken) ?? null),
  }
}

/** A template is one text, or a list of named ones of which "default" counts. */
function templateOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return null
  const entry = value.find(
    (e: unknown) => typeof e === 'object' && e !== null && (e as { name?: unknown }).name === 'default',
  )
  const template = (entry as { template?: unknown } | undefined)?.template
  return typeof template === 'string' ? template : null
}

/** Special tokens are written as text or as {content}. */
function specialText(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  const content = (value as { content?: unknown } | null | undefined)?.content
  return typeof content === 'string' ? content : undefined
}
