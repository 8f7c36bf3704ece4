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
      if (diskFiles.exists(join(twin, 'cases.json'))) check(report, name, () => ggufTokenizer(own), casesOf(twin))
      else report.skip(`ids.${name}`, 'nothing is recorded for this file')
    } else if (diskFiles.exists(join(own, 'cases.json'))) check(report, name, () => jsonTokenizer(own), casesOf(own))
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

function ggufTokenizer(path: string): Tokenizer {
  const file = openGguf(path)
  try {
    return loadTokenizerGguf(file.metadata)
  } finally {
    file.close()
  }
}

/** `ids.<name>`: number of texts and pairs with other ids; `decoded.<name>`: number of other texts. */
function check(report: Report, name: string, load: () => Tokenizer, recorded: RecordedCases): void {
  let tokenizer: Tokenizer
  try {
    tokenizer = load()
  } catch (error) {
    if (!isAppError(error, 'text.tokenizer.unsupported')) throw error
    const why = `the tokenizer's ${error.data.part} "${error.data.name}" is not supported by this version`
    report.skip(`ids.${name}`, why)
    report.skip(`decoded.${name}`, why)
    return
  }
  const { cases, pairs } = recorded
  const count = (outcomes: readonly boolean[]): number => outcomes.filter((equal) => !equal).length
  const same = (a: readonly number[], b: readonly number[]): boolean => String(a) === String(b)
  const ids = [
    tokenizer.vocabSize === recorded.vocab_size,
    ...cases.flatMap((one) => [
      same(tokenizer.encode(one.text, { specials: 'parse' }), one.ids),
      same(tokenizer.encode(one.text, { specials: 'parse', addSpecialTokens: true }), one.ids_special),
    ]),
    ...pairs.map((pair) => {
      const encoded = tokenizer.encodePair(pair.a, pair.b)
      return same(encoded.ids, pair.ids) && same(encoded.typeIds, pair.type_ids)
    }),
  ]
  const decoded = cases.flatMap((one) => [
    tokenizer.decode(one.ids) === one.decoded,
    tokenizer.decode(one.ids, { skipSpecialTokens: true }) === one.decoded_skip,
  ])
  report.equal(`ids.${name}`, count(ids))
  report.equal(`decoded.${name}`, count(decoded))
}
