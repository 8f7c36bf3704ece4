import { asArray, asFlag, asObject, asText, invalid, type JsonObject, limits, unsupported, within } from './limits.ts'
import { patternByText } from './patterns.ts'
import { type DecodeStep, type Normalizer, onlyText, type PreTokenizer, type Template, textThenText } from './spec.ts'

/** Flattens `{type: "Sequence", <member>: […]}`, also nested ones, into its steps; null is no step. */
function steps(value: unknown, member: string, where: string): JsonObject[] {
  if (value === undefined || value === null) return []
  const out: JsonObject[] = []
  const open: unknown[] = [value]
  while (open.length > 0) {
    const step = asObject(open.shift(), where)
    if (step.type === 'Sequence') open.unshift(...asArray(step[member], where))
    else out.push(step)
    within(`number of steps in ${where}`, out.length + open.length, limits.pipelineSteps)
  }
  return out
}

/** A pattern is `{String}` or `{Regex}` in the file. */
function pattern(value: unknown, where: string): { string: string } | { regex: string } {
  const object = asObject(value, where)
  if (object.String !== undefined) return { string: asText(object.String, where) }
  return { regex: asText(object.Regex, where) }
}

export function readNormalizers(value: unknown): Normalizer[] {
  return steps(value, 'normalizers', 'normalizer').map((step): Normalizer => {
    const type = step.type
    switch (type) {
      case 'NFC':
      case 'NFD':
      case 'NFKC':
      case 'NFKD':
        return { kind: 'unicode', form: type }
      case 'Lowercase':
        return { kind: 'lowercase' }
      case 'Prepend':
        return { kind: 'prepend', text: asText(step.prepend, 'normalizer.prepend') }
      case 'Replace':
        return replacement(step)
      case 'BertNormalizer': {
        const lowercase = asFlag(step.lowercase, 'normalizer.lowercase', true)
        return {
          kind: 'bert',
          cleanText: asFlag(step.clean_text, 'normalizer.clean_text', true),
          chinese: asFlag(step.handle_chinese_chars, 'normalizer.handle_chinese_chars', true),
          stripAccents: asFlag(step.strip_accents, 'normalizer.strip_accents', lowercase),
          lowercase,
        }
      }
      default:
        throw unsupported('normalizer', type)
    }
  })
}

function replacement(step: JsonObject): Normalizer {
  const from = pattern(step.pattern, 'normalizer.pattern')
  const to = asText(step.content, 'normalizer.content')
  if ('string' in from) {
    if (from.string === '') throw invalid('normalizer.pattern', 'empty')
    return { kind: 'replace', from: from.string, to }
  }
  if (from.regex === ' {2,}') return { kind: 'spaces', to }
  throw unsupported('normalizer pattern', from.regex)
}

export function readPreTokenizers(value: unknown): { steps: PreTokenizer[]; bytes: boolean } {
  const out: PreTokenizer[] = []
  let bytes = false
  for (const step of steps(value, 'pretokenizers', 'pre_tokenizer')) {
    // What follows would see the byte alphabet instead of the text.
    if (bytes) throw unsupported('pre-tokenizer after ByteLevel', step.type)
    switch (step.type) {
      case 'ByteLevel':
        if (asFlag(step.add_prefix_space, 'pre_tokenizer.add_prefix_space', true)) out.push({ kind: 'prefixSpace' })
        if (asFlag(step.use_regex, 'pre_tokenizer.use_regex', true)) {
          out.push({ kind: 'split', pattern: 'gpt2', keep: 'all' })
        }
        bytes = true
        break
      case 'Split':
        out.push(splitStep(step))
        break
      case 'Digits': {
        const single = asFlag(step.individual_digits, 'pre_tokenizer.individual_digits', false)
        out.push({ kind: 'split', pattern: single ? 'digit' : 'digits', keep: 'all' })
        break
      }
      case 'Metaspace':
        out.push(metaspaceStep(step))
        break
      case 'BertPreTokenizer':
        out.push({ kind: 'bert' })
        break
      default:
        throw unsupported('pre-tokenizer', step.type)
    }
  }
  return { steps: out, bytes }
}

function splitStep(step: JsonObject): PreTokenizer {
  const by = pattern(step.pattern, 'pre_tokenizer.pattern')
  if (!('regex' in by)) throw unsupported('splitting pattern', by.string)
  const behavior = step.behavior
  const invert = asFlag(step.invert, 'pre_tokenizer.invert', false)
  const name = patternByText(by.regex)
  if (behavior === 'Isolated') return { kind: 'split', pattern: name, keep: 'all' }
  if (behavior === 'Removed' && invert) return { kind: 'split', pattern: name, keep: 'matches' }
  throw unsupported('splitting behaviour', behavior)
}

function metaspaceStep(step: JsonObject): PreTokenizer {
  const mark = metaspaceMark(step)
  return { kind: 'metaspace', mark, prepend: prependScheme(step), split: asFlag(step.split, 'split', true) }
}

function metaspaceMark(step: JsonObject): string {
  const mark = asText(step.replacement ?? '\u2581', 'metaspace.replacement')
  if (mark.length !== 1) throw invalid('metaspace.replacement', 'not one character')
  return mark
}

function prependScheme(step: JsonObject): 'always' | 'first' | 'never' {
  const scheme = step.prepend_scheme
  if (scheme === 'always' || scheme === 'first' || scheme === 'never') return scheme
  if (scheme !== undefined) throw unsupported('prepend scheme', scheme)
  return asFlag(step.add_prefix_space, 'metaspace.add_prefix_space', true) ? 'always' : 'never'
}

export function readDecoder(value: unknown): DecodeStep[] {
  return steps(value, 'decoders', 'decoder').map((step): DecodeStep => {
    switch (step.type) {
      case 'ByteLevel':
        return { kind: 'bytes' }
      case 'ByteFallback':
        return { kind: 'byteFallback' }
      case 'Fuse':
        return { kind: 'fuse' }
      case 'Metaspace':
        return { kind: 'metaspace', mark: metaspaceMark(step), trimFirst: prependScheme(step) !== 'never' }
      case 'Replace': {
        const from = pattern(step.pattern, 'decoder.pattern')
        if (!('string' in from)) throw unsupported('decoder pattern', from.regex)
        if (from.string === '') throw invalid('decoder.pattern', 'empty')
        return { kind: 'replace', from: from.string, to: asText(step.content, 'decoder.content') }
      }
      case 'Strip': {
        const text = asText(step.content, 'decoder.content')
        if (text === '') throw invalid('decoder.content', 'empty')
        return { kind: 'strip', text, start: count(step.start), stop: count(step.stop) }
      }
      case 'WordPiece':
        return {
          kind: 'wordpiece',
          prefix: asText(step.prefix ?? '##', 'decoder.prefix'),
          cleanup: asFlag(step.cleanup, 'decoder.cleanup', true),
        }
      default:
        throw unsupported('decoder', step.type)
    }
  })
}

function count(value: unknown): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) throw invalid('decoder.strip', 'not a count')
  return value
}

/** Tokens around one text and around a pair. */
export function readPostProcessor(
  value: unknown,
  tokens: readonly (string | undefined)[],
): { single: Template; pair: Template } {
  let out = { single: onlyText, pair: textThenText }
  let templates = 0
  for (const step of steps(value, 'processors', 'post_processor')) {
    // ByteLevel only trims offsets.
    if (step.type === 'ByteLevel') continue
    if (step.type !== 'TemplateProcessing') throw unsupported('post-processor', step.type)
    if (++templates > 1) throw unsupported('post-processor', 'two templates')
    out = { single: template(step, 'single', tokens), pair: template(step, 'pair', tokens) }
  }
  return out
}

function template(step: JsonObject, member: 'single' | 'pair', tokens: readonly (string | undefined)[]): Template {
  const where = `post_processor.${member}`
  const special = asObject(step.special_tokens ?? {}, where)
  const entries = asArray(step[member], where)
  within(`number of parts in ${where}`, entries.length, limits.pipelineSteps)
  const parts: { id: number | 'A' | 'B'; type: number }[] = []
  for (const entry of entries) {
    const object = asObject(entry, where)
    const part = asObject(object.Sequence ?? object.SpecialToken, where)
    const name = asText(part.id, where)
    const type = part.type_id
    if (type !== 0 && type !== 1) throw invalid(where, 'type_id is neither 0 nor 1')
    if (object.Sequence !== undefined) {
      if (name !== 'A' && name !== 'B') throw invalid(where, 'a sequence is neither A nor B')
      parts.push({ id: name, type })
      continue
    }
    for (const id of asArray(asObject(special[name], where).ids, where)) {
      if (typeof id !== 'number' || tokens[id] === undefined) throw invalid(where, 'a token is not in the vocabulary')
      parts.push({ id, type })
    }
  }
  return { parts }
}
