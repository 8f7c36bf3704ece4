import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { concat } from '../../../tests/support/bytes.ts'
import { ggufFile, tensorInfo } from '../../../tests/support/gguf-writer.ts'
import { tempFolder } from '../../../tests/support/temp-folder.ts'
import { openSafetensors } from '../safetensors/index.ts'
import { openGguf } from './index.ts'
import { ggufTypes } from './types.ts'

const temp = tempFolder()
const fixture = (name: string) => fileURLToPath(new URL(`../../../tests/fixtures/tensors/${name}`, import.meta.url))

function expectEqualBits(values: Float32Array, expected: Float32Array): void {
  expect(values.length).toBe(expected.length)
  for (let i = 0; i < expected.length; i++) {
    if (!Object.is(values[i], expected[i])) expect(values[i], `value ${i}`).toBe(expected[i])
  }
}

const TYPES = ['Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0', 'Q4_K', 'Q5_K', 'Q6_K']

describe('dequantisation, bit for bit as the gguf reference package', () => {
  // Random blocks with negative, zero and subnormal scales.
  it.each(TYPES)('%s: random blocks', (type) => {
    const blocks = openGguf(fixture('blocks.gguf'))
    const reference = openSafetensors(fixture('blocks.values.safetensors'))
    expect(blocks.info(`blocks.${type}`).dtype).toBe(type)
    expectEqualBits(blocks.readFloat32(`blocks.${type}`), reference.readFloat32(`${type}.values`))
    blocks.close()
    reference.close()
  })

  it.each(['BF16', 'Q4_0', 'Q4_1', 'Q5_0', 'Q5_1', 'Q8_0'])('%s: the reference quantiser’s own output', (type) => {
    const reference = openSafetensors(fixture('quantize.safetensors'))
    const [number] = [...ggufTypes].find(([, { name }]) => name === type)!
    const bytes = reference.readBytes(`${type}.bytes`)
    const file = ggufFile({ tensors: [tensorInfo('t', [64, 4], number, 0)], data: bytes })
    const source = openGguf(temp.put('quantised', file))
    expectEqualBits(source.readFloat32('t'), reference.readFloat32(`${type}.values`))
    source.close()
    reference.close()
  })

  it.each(['Q4_1', 'BF16'])('%s: a model file', (type) => {
    const model = openGguf(fixture(`llama.${type}.gguf`))
    const reference = openSafetensors(fixture('llama.values.safetensors'))
    for (const name of ['blk.0.attn_q.weight', 'blk.0.ffn_down.weight']) {
      expect(model.info(name).shape).toEqual(reference.info(`${type}.${name}`).shape)
      expectEqualBits(model.readFloat32(name), reference.readFloat32(`${type}.${name}`))
    }
    const rows = reference.readFloat32(`${type}.token_embd.weight`)
    expectEqualBits(model.readFloat32('token_embd.weight').subarray(0, rows.length), rows)
    model.close()
    reference.close()
  })

  it.each(TYPES)('%s: a tensor of several chunks has no seam', (type) => {
    const source = openGguf(fixture('blocks.gguf'))
    const piece = source.readBytes(`blocks.${type}`)
    const values = source.readFloat32(`blocks.${type}`)
    source.close()
    const repeats = Math.ceil(((4 << 20) * 1.5) / piece.length)
    const [number] = [...ggufTypes].find(([, { name }]) => name === type)!
    const info = tensorInfo('t', [values.length, repeats], number, 0)
    const file = ggufFile({ tensors: [info], data: concat(...Array(repeats).fill(piece)) })
    const large = openGguf(temp.put('large', file))
    const target = new Float32Array(values.length * repeats + 2)
    large.readFloat32('t', target.subarray(1, -1))
    for (let i = 0; i < repeats; i++) {
      const at = 1 + i * values.length
      const same = Buffer.compare(
        new Uint8Array(target.buffer, at * 4, values.byteLength),
        new Uint8Array(values.buffer),
      )
      if (same !== 0) expect.fail(`repeat ${i} differs`)
    }
    expect([target[0], target[target.length - 1]]).toEqual([0, 0])
    large.close()
  })
})
