import { AppError, invariant } from '../../kit/index.ts'
import { isUsableName } from '../names.ts'
import { byteLengthOf, dtypes } from './dtypes.ts'
import { limits } from './limits.ts'

/** A tensor to be written. `data` holds the stored bytes, row-major and little-endian; a function is called once, when its bytes are needed. */
export interface SafetensorsTensor {
  readonly name: string
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data: ArrayBufferView | (() => ArrayBufferView)
}

/** Stored bytes of a tensor, from its shape and type. */
export function tensorBytes({ name, dtype, shape }: Omit<SafetensorsTensor, 'data'>): number {
  const type = dtypes.get(dtype)
  invariant(type !== undefined, `cannot write ${name}: unknown type ${dtype}`)
  invariant(shape.length <= limits.rank && shape.every((d) => Number.isSafeInteger(d) && d >= 0), `shape of ${name}`)
  const bytes = byteLengthOf(shape, type.bytes)
  invariant(bytes !== undefined, `size of ${name}`)
  return bytes
}

/**
 * Encodes tensors as one safetensors file. The same tensors in any order give the same bytes, and the same as the
 * format's reference library writes: tensors by item type, wide ones first, then by name, so every tensor is aligned to
 * its own items (readers view the data in place); the header is padded with spaces to a multiple of 8.
 */
export function encodeSafetensors(
  tensors: readonly SafetensorsTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const ordered = [...tensors].sort(byTypeThenName)
  const header = encodeHeader(ordered, metadata)
  const total = ordered.reduce((sum, tensor) => sum + tensorBytes(tensor), 8 + header.byteLength)
  const file = allocate(total)
  new DataView(file.buffer).setUint32(0, header.byteLength, true)
  file.set(header, 8)
  let at = 8 + header.byteLength
  for (const tensor of ordered) {
    const view = typeof tensor.data === 'function' ? tensor.data() : tensor.data
    const bytes = tensorBytes(tensor)
    invariant(view.byteLength === bytes, `${tensor.name} has ${view.byteLength} bytes, its shape needs ${bytes}`)
    file.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), at)
    at += bytes
  }
  return file
}

const placeOf = new Map([...dtypes.keys()].map((dtype, i) => [dtype, i]))

function byTypeThenName(a: SafetensorsTensor, b: SafetensorsTensor): number {
  const place = (placeOf.get(a.dtype) ?? 0) - (placeOf.get(b.dtype) ?? 0)
  return place !== 0 ? place : a.name < b.name ? -1 : 1
}

function encodeHeader(ordered: readonly SafetensorsTensor[], metadata: Readonly<Record<string, string>>): Uint8Array {
  // Built as text, because an object would order digit-only names by number and drop `__proto__`.
  const members: string[] = []
  const metadataKeys = Object.keys(metadata).sort()
  if (metadataKeys.length > 0) {
    const pairs = metadataKeys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(metadata[key])}`)
    members.push(`"__metadata__":{${pairs.join(',')}}`)
  }
  const names = new Set<string>(['__metadata__'])
  let begin = 0
  for (const tensor of ordered) {
    const { name, dtype, shape } = tensor
    invariant(isUsableName(name, limits.nameLength) && !names.has(name), `unusable or repeated tensor name ${name}`)
    names.add(name)
    const end = begin + tensorBytes(tensor)
    members.push(
      `${JSON.stringify(name)}:{"dtype":"${dtype}","shape":[${shape.join(',')}],"data_offsets":[${begin},${end}]}`,
    )
    begin = end
  }
  const text = new TextEncoder().encode(`{${members.join(',')}}`)
  const padded = new Uint8Array(Math.ceil(text.byteLength / 8) * 8).fill(0x20)
  invariant(padded.byteLength <= limits.headerBytes, 'safetensors header is too large')
  padded.set(text)
  return padded
}

function allocate(bytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes)
  } catch (error) {
    throw new AppError('format.tensor_too_large', { tensor: '*', bytes }, { cause: error })
  }
}
