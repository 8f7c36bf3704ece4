import { join } from 'node:path'
import { openGguf } from '../../core/formats/gguf/index.ts'
import { diskFiles, isAppError } from '../../core/kit/index.ts'
import { loadTokenizerGguf, loadTokenizerJson, type Tokenizer } from '../../core/text/index.ts'
import { readJsonFile } from './reference.ts'
import { type ParityReport, Report } from './report.ts'

/** What `cases.json` of one tokenizer holds. */
interface RecordedCases {
  readonly vocab_size: number
  readonly cases: readonly {
    readonly text: string
    readonly ids: readonly number[]
    readonly ids_special: readonly number[]
    readonly decoded: string
    readonly decoded_skip: string
  }[]
  readonly pairs: readonly {
    readonly a: string
    readonly b: string
    readonly ids: readonly number[]
    readonly type_ids: readonly number[]
  }[]
}

/** Recomputes a `tokenizers` folder: every tokenizer from its tokenizer.json and, where there is one, from its GGUF twin. */
export function checkTokenizers(folder: string): ParityReport {
  const report = new Report(folder, 'tokenizers')
  for (const name of diskFiles.list(folder)) {
    const own = join(folder, name)
    if (name.endsWith('.gguf')) {
      const twin = join(folder, name.replace(/\.gguf$/, ''))
      if (diskFiles.exists(join(twin, 'cases.json'))) check(report, name, () => ggufTokenizer(own, twin), casesOf(twin))
      else report.skip(`ids.${name}`, 'nothing is recorded for this file')
    } else if (diskFiles.exists(join(own, 'cases.json')))
      check(report, name, () => ({ tokenizer: jsonTokenizer(own), surrounds: true }), casesOf(own))
  }
  return report.finish()
}

function casesOf(folder: string): RecordedCases {
  return readJsonFile<RecordedCases>(folder, 'cases.json')
}

/** Loads a tokenizer the way a model folder does. */
export function jsonTokenizer(folder: string): Tokenizer {
  const settings = join(folder, 'tokenizer_config.json')
  const config = diskFiles.exists(settings) ? readJsonFile<Record<string, unknown>>(settings) : {}
  return loadTokenizerJson(readJsonFile<Record<string, unknown>>(folder, 'tokenizer.json'), config)
}

/** A loaded tokenizer, and whether its file says all about the tokens that surround a text. */
interface Loaded {
  readonly tokenizer: Tokenizer
  readonly surrounds: boolean
}

/**
 * A vocabulary-only GGUF file may leave out its begin-of-text token. Then nothing about surrounding tokens follows from
 * it, which matters only where the tokenizer it stands for has such tokens.
 */
function ggufTokenizer(path: string, twin: string): Loaded {
  const file = openGguf(path)
  try {
    const named = ['bos_token_id', 'add_bos_token'].some((key) => file.metadata.has(`tokenizer.ggml.${key}`))
    const around = jsonTokenizer(twin).encode('', { specials: 'parse', addSpecialTokens: true })
    return { tokenizer: loadTokenizerGguf(file.metadata), surrounds: named || around.length === 0 }
  } finally {
    file.close()
  }
}

/** `ids.<name>`: number of texts and pairs with other ids; `decoded.<name>`: number of other texts. */
function check(report: Report, name: string, load: () => Loaded, recorded: RecordedCases): void {
  let loaded: Loaded
  try {
    loaded = load()
  } catch (error) {
    if (!isAppError(error, 'text.tokenizer.unsupported')) throw error
    const why = `the tokenizer's ${error.data.part} "${error.data.name}" is not supported by this version`
    report.skip(`ids.${name}`, why)
    report.skip(`decoded.${name}`, why)
    return
  }
  const { tokenizer } = loaded
  const ids = [tokenizer.vocabSize === recorded.vocab_size, ...plainIds(tokenizer, recorded)]
  if (loaded.surrounds) ids.push(...surroundedIds(tokenizer, recorded))
  else report.skip(`ids.${name}.special`, 'the file does not name the tokens that surround a text')
  const decoded = recorded.cases.flatMap((one) => [
    tokenizer.decode(one.ids) === one.decoded,
    tokenizer.decode(one.ids, { skipSpecialTokens: true }) === one.decoded_skip,
  ])
  report.equal(`ids.${name}`, wrong(ids))
  report.equal(`decoded.${name}`, wrong(decoded))
}

function plainIds(tokenizer: Tokenizer, { cases }: RecordedCases): boolean[] {
  return cases.map((one) => same(tokenizer.encode(one.text, { specials: 'parse' }), one.ids))
}

function surroundedIds(tokenizer: Tokenizer, { cases, pairs }: RecordedCases): boolean[] {
  const singles = cases.map((one) =>
    same(tokenizer.encode(one.text, { specials: 'parse', addSpecialTokens: true }), one.ids_special),
  )
  const doubles = pairs.map((pair) => {
    const encoded = tokenizer.encodePair(pair.a, pair.b)
    return same(encoded.ids, pair.ids) && same(encoded.typeIds, pair.type_ids)
  })
  return [...singles, ...doubles]
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return String(a) === String(b)
}

function wrong(outcomes: readonly boolean[]): number {
  return outcomes.filter((equal) => !equal).length
}
