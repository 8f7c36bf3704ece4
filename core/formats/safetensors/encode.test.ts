import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { tempFolder } from '../../../tests/support/temp-folder.ts'
import { diskFiles, randomStream } from '../../kit/index.ts'
import {
  encodeSafetensors,
  openSafetensors,
  openSafetensorsFolder,
  type SafetensorsTensor,
  writeSafetensorsFolder,
} from './index.ts'

const temp = tempFolder()
const fixture = (name: string) => fileURLToPath(new URL(`../../../tests/fixtures/tensors/${name}`, import.meta.url))
const invariant = expect.objectContaining({ code: 'internal.invariant' })

function tensorsOf(path: string): SafetensorsTensor[] {
  const source = openSafetensors(path)
  const tensors = source.names().map((name) => ({ ...source.info(name), data: source.readBytes(name) }))
  source.close()
  return tensors
}

const f32 = (name: string, ...values: number[]): SafetensorsTensor => ({
  name,
  dtype: 'F32',
  shape: [values.length],
  data: Float32Array.from(values),
})

describe('encodeSafetensors', () => {
  it.each([
    ['dtypes.safetensors', { format: 'pt' }],
    ['blocks.values.safetensors', {}],
    ['quantize.safetensors', {}],
  ])('writes %s byte for byte as the reference library did, whatever the order of the tensors', (name, metadata) => {
    const expected = readFileSync(fixture(name))
    const tensors = tensorsOf(fixture(name))
    for (const order of [tensors, tensors.toReversed(), randomStream(5, 'order').shuffle(tensors)]) {
      expect(Buffer.compare(encodeSafetensors(order, metadata), expected)).toBe(0)
    }
  })

  it('aligns the header and every tensor to its items', () => {
    const bytes = encodeSafetensors([
      { name: 'a', dtype: 'U8', shape: [3], data: Uint8Array.of(1, 2, 3) },
      { name: 'b', dtype: 'I64', shape: [1], data: BigInt64Array.of(5n) },
      { name: 'c', dtype: 'BF16', shape: [1], data: Uint16Array.of(0x3f80) },
    ])
    const headerBytes = new DataView(bytes.buffer).getUint32(0, true)
    expect(headerBytes % 8).toBe(0)
    const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + headerBytes)).toString())
    expect(header.b.data_offsets).toEqual([0, 8])
    expect(header.c.data_offsets).toEqual([8, 10])
    expect(header.a.data_offsets).toEqual([10, 13])
  })

  it('writes an empty file and names that JavaScript objects treat specially', () => {
    openSafetensors(temp.put('none', encodeSafetensors([]))).close()
    const names = ['__proto__', 'constructor', '10', '9', '"']
    const source = openSafetensors(temp.put('names', encodeSafetensors(names.map((name, i) => f32(name, i)))))
    expect(source.names()).toEqual([...names].sort())
    names.forEach((name, i) => {
      expect([...source.readFloat32(name)]).toEqual([i])
    })
    source.close()
  })

  it('refuses what the reader would refuse', () => {
    expect(() => encodeSafetensors([f32('a', 1), f32('a', 2)])).toThrow(invariant)
    expect(() => encodeSafetensors([f32('', 1)])).toThrow(invariant)
    expect(() => encodeSafetensors([f32('__metadata__', 1)])).toThrow(invariant)
    expect(() => encodeSafetensors([{ ...f32('a', 1), shape: [2] }])).toThrow(invariant)
    expect(() => encodeSafetensors([{ ...f32('a', 1), dtype: 'F31' }])).toThrow(invariant)
    expect(() => encodeSafetensors([{ ...f32('a', 1), shape: [-1] }])).toThrow(invariant)
  })
})

describe('writeSafetensorsFolder', () => {
  const tensors = [f32('c', 5, 6, 7), f32('a', 1), f32('b', 2, 3, 4)]
  const folder = (name: string) => {
    const path = join(temp.path, name)
    mkdirSync(path)
    return path
  }

  it('writes one file when everything fits', () => {
    const path = folder('single')
    expect(writeSafetensorsFolder(path, tensors, { metadata: { format: 'pt' } })).toEqual(['model.safetensors'])
    const source = openSafetensorsFolder(path)
    expect([...source.readFloat32('b')]).toEqual([2, 3, 4])
    expect(source.metadata.get('format')).toBe('pt')
    source.close()
  })

  it('writes shards in name order and the index last, which the strict reader accepts', () => {
    const path = folder('shards')
    const written: string[] = []
    const files = {
      ...diskFiles,
      rename(from: string, to: string) {
        written.push(to.slice(path.length + 1))
        diskFiles.rename(from, to)
      },
    }
    let calls = 0
    const lazy = tensors.map(({ data, ...rest }) => ({
      ...rest,
      data: () => {
        calls++
        return data as Float32Array
      },
    }))
    const names = writeSafetensorsFolder(path, lazy, { maxShardBytes: 16, files })
    expect(names).toEqual([
      'model-00001-of-00002.safetensors',
      'model-00002-of-00002.safetensors',
      'model.safetensors.index.json',
    ])
    expect(written).toEqual(names)
    expect(calls).toBe(3)
    const index = JSON.parse(readFileSync(join(path, names[2]), 'utf8'))
    expect(index.metadata.total_size).toBe(28)
    expect(index.weight_map).toEqual({ a: names[0], b: names[0], c: names[1] })
    const source = openSafetensorsFolder(path)
    expect(source.names().map((name) => [...source.readFloat32(name)])).toEqual([[1], [2, 3, 4], [5, 6, 7]])
    source.close()
  })

  it('gives a tensor that is larger than a shard a file of its own, and knows other stems', () => {
    const path = folder('large')
    const names = writeSafetensorsFolder(path, tensors, { maxShardBytes: 1, stem: 'adapter_model' })
    expect(names.length).toBe(4)
    const source = openSafetensorsFolder(path, { stem: 'adapter_model' })
    expect(source.names()).toEqual(['a', 'b', 'c'])
    source.close()
  })

  it('refuses a name twice, even in different shards', () => {
    expect(() => writeSafetensorsFolder(folder('twice'), [f32('a', 1), f32('a', 2)], { maxShardBytes: 1 })).toThrow(
      invariant,
    )
  })
})
