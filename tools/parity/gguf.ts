import { basename, dirname, join } from 'node:path'
import { makeScratch } from '../../core/formats/float-codecs.ts'
import { openGguf } from '../../core/formats/gguf/index.ts'
import { ggufTypes } from '../../core/formats/gguf/types.ts'
import { diskFiles, isAppError } from '../../core/kit/index.ts'
import { ggufName, loadWeights, type OpenedModel, openModel } from '../../core/models/index.ts'
import { fullForward } from './compute.ts'
import { openReference, type Reference } from './reference.ts'
import { differences, type ParityReport, Report, relativeError } from './report.ts'

const notRead = 'blocks of this type are not read by this version'
const notWritten = 'this version reads quantised files and writes none'

/** Worst error of every stored type over all places where the folder recorded its values. */
class WorstByType {
  readonly #errors = new Map<string, number>()

  note(type: string, error: number): void {
    this.#errors.set(type, Math.max(this.#errors.get(type) ?? 0, error))
  }

  addTo(report: Report): void {
    for (const [type, error] of [...this.#errors].sort()) report.add(`dequantise.${type}`, error, 1e-6)
  }
}

/** What the checks of one folder share. */
interface Context {
  readonly folder: string
  readonly report: Report
  readonly types: WorstByType
}

/**
 * Recomputes a `gguf` folder: stored blocks to values, and logits of every model file through the product's own way of
 * opening it. The inputs are those of the family's folder beside this one.
 */
export async function checkGgufFolder(folder: string): Promise<ParityReport> {
  const context: Context = { folder, report: new Report(folder, 'gguf'), types: new WorstByType() }
  if (diskFiles.exists(join(folder, 'blocks.gguf'))) checkBlocks(context)
  if (diskFiles.exists(join(folder, 'quantize.safetensors'))) checkQuantisers(context)
  const reference = openReference(folder)
  try {
    const files = diskFiles.list(folder).filter((name) => name.endsWith('.gguf') && name !== 'blocks.gguf')
    for (const file of files) await checkModelFile(context, file, reference)
    context.types.addTo(context.report)
    context.report.account(reference.unread())
    return context.report.finish()
  } finally {
    reference.close()
  }
}

/** `blocks.gguf` against `blocks.safetensors`: random valid blocks of many types. */
function checkBlocks({ folder, report, types }: Context): void {
  const file = openGguf(join(folder, 'blocks.gguf'))
  const reference = openReference(folder, 'blocks.safetensors')
  try {
    for (const name of file.names()) {
      const type = file.info(name).dtype
      try {
        const values = file.readFloat32(name)
        types.note(type, differences(file.readBytes(name), reference.bytes(`${type}.bytes`)))
        types.note(type, worstOfRows(values, reference, `${type}.values`))
      } catch (error) {
        if (!isAppError(error, 'format.gguf.type_unsupported')) throw error
        report.skip(`dequantise.${type}`, notRead, [`${type}.bytes`, `${type}.values`])
      }
    }
    report.account(reference.unread())
  } finally {
    reference.close()
    file.close()
  }
}

/** Every block by its own scale, so that a block of small values is not lost beside one of large values. */
function worstOfRows(values: Float32Array, reference: Reference, name: string): number {
  const expected = reference.floats(name)
  const width = reference.shape(name)[1]!
  if (values.length !== expected.length) return Number.POSITIVE_INFINITY
  let worst = 0
  for (let at = 0; at < values.length; at += width) {
    worst = Math.max(worst, relativeError(values.subarray(at, at + width), expected.subarray(at, at + width)))
  }
  return worst
}

/** `quantize.safetensors`: what another implementation's quantisers wrote must read back as the same values. */
function checkQuantisers({ folder, report, types }: Context): void {
  const reference = openReference(folder, 'quantize.safetensors')
  try {
    for (const type of new Set(reference.names.map((name) => name.slice(0, name.lastIndexOf('.'))))) {
      report.skip(`quantise.${type}`, notWritten, [`${type}.input`])
      const codec = [...ggufTypes.values()].find((t) => t.name === type)?.codec
      if (codec === undefined) {
        report.skip(`dequantise.${type}`, notRead, [`${type}.bytes`, `${type}.values`])
        continue
      }
      const bytes = reference.bytes(`${type}.bytes`)
      const scratch = makeScratch(Math.ceil(bytes.length / 8) * 8)
      scratch.u8.set(bytes)
      const blocks = bytes.length / codec.blockBytes
      const values = new Float32Array(blocks * codec.blockSize)
      codec.decode(scratch, blocks, values, 0)
      types.note(type, worstOfRows(values, reference, `${type}.values`))
    }
    report.account(reference.unread())
  } finally {
    reference.close()
  }
}

/** One model file: its recorded tensors as stored and in the model's own row order, and its logits. */
async function checkModelFile({ folder, report, types }: Context, file: string, reference: Reference): Promise<void> {
  const stem = file.replace(/\.gguf$/, '')
  const recorded = reference.names.filter((name) => name.startsWith(`${stem}.`))
  if (recorded.length === 0) report.skip(`logits.${file}`, 'nothing is recorded for this file')
  const model = openSupported(join(folder, file))
  if (typeof model === 'string') {
    report.skip(`logits.${file}`, `the architecture "${model}" is not supported by this version`, recorded)
    return
  }
  try {
    for (const name of recorded) {
      const tensor = name.slice(stem.length + 1)
      if (tensor === 'logits') {
        const logits = await logitsOf(model, inputsOf(folder, stem))
        report.add(`logits.${file}`, relativeError(logits, reference.floats(name)), 1e-4)
      } else if (tensor.startsWith('hf.')) {
        const own = tensor.slice('hf.'.length)
        types.note(
          model.source.info(ggufName(own)).dtype,
          beginningError(model.tensors.read(own), reference.floats(name)),
        )
      } else {
        const { dtype } = model.source.info(tensor)
        types.note(dtype, beginningError(model.source.readFloat32(tensor), reference.floats(name)))
      }
    }
  } finally {
    model.close()
  }
}

/** The opened model, or the name of its architecture when that is not supported. */
function openSupported(path: string): OpenedModel | string {
  try {
    return openModel(path)
  } catch (error) {
    if (!isAppError(error, 'model.unsupported')) throw error
    return String(error.data.architecture)
  }
}

/** `<family>.<type>` is fed with the inputs of the family's own folder. */
function inputsOf(folder: string, stem: string): number[][] {
  const family = openReference(join(dirname(folder), basename(stem, stem.slice(stem.lastIndexOf('.')))))
  try {
    return family.rows('input_ids')
  } finally {
    family.close()
  }
}

async function logitsOf(model: OpenedModel, rows: readonly (readonly number[])[]): Promise<Float32Array> {
  const weights = loadWeights(model.config, model.tensors)
  const { logits } = await fullForward({ config: model.config, weights, adapter: null }, rows)
  return logits as Float32Array
}

/** Of large tensors only the first rows are recorded. */
function beginningError(values: Float32Array, expected: Float32Array): number {
  return relativeError(values.subarray(0, expected.length), expected)
}
