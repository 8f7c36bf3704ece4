import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorCatalogue } from '../../contract/errors/index.ts'
import { encodeSafetensors } from '../../formats/safetensors/index.ts'
import { diskFiles, sha256 } from '../../kit/index.ts'
import { codeOf, fingerprint, fixtureAdapter, inFolder, smallConfig, smallTensors, tree } from '../adapters.testing.ts'
import { checkAgainstModel, encodePeft, exportPeft, type PeftTensor, readPeft, scaleOf } from '../index.ts'

const readJson = (path: string) => JSON.parse(new TextDecoder().decode(diskFiles.read(path)))

/** Reads a safetensors file by its published layout, independently of the product's reader. */
function rawTensors(path: string): Map<string, { shape: number[]; data: Float32Array }> {
  const bytes = Buffer.from(diskFiles.read(path))
  const headerEnd = 8 + Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, headerEnd))
  delete header.__metadata__
  return new Map(
    Object.entries<{ shape: number[]; data_offsets: [number, number] }>(header).map(([name, info]) => {
      const [begin, end] = info.data_offsets
      const data = Float32Array.from({ length: (end - begin) / 4 }, (_, i) =>
        bytes.readFloatLE(headerEnd + begin + 4 * i),
      )
      return [name, { shape: info.shape, data }]
    }),
  )
}

describe("reading PEFT's own adapters", () => {
  it.each([
    ['llama-gqa-tied', 21],
    ['qwen2', 21],
    ['llama3-rope', 14],
  ])('%s', (name, pairs) => {
    const adapter = readPeft(fixtureAdapter(name))
    const raw = rawTensors(join(fixtureAdapter(name), 'adapter_model.safetensors'))
    expect(adapter.config).toMatchObject({ rank: 4, alpha: 8, dropout: 0, baseModelId: name, rankStabilised: false })
    expect(adapter.config.targets).toEqual(readJson(join(fixtureAdapter(name), 'adapter_config.json')).target_modules)
    expect(adapter.scale).toBe(2)
    expect(adapter.fingerprint).toBeNull()
    expect(adapter.pairs).toHaveLength(pairs)
    expect(adapter.tensors.map((tensor) => tensor.name)).toEqual([...raw.keys()].sort())
    for (const { module, a, b, inFeatures, outFeatures } of adapter.pairs) {
      const A = raw.get(`base_model.model.${module}.lora_A.weight`)
      const B = raw.get(`base_model.model.${module}.lora_B.weight`)
      expect([A?.shape, B?.shape]).toEqual([
        [4, inFeatures],
        [outFeatures, 4],
      ])
      expect(a).toEqual(A?.data)
      expect(b).toEqual(B?.data)
    }
  })

  it('written again, keeps every value and the settings PEFT needs', () =>
    inFolder(async (folder) => {
      const source = fixtureAdapter('qwen2')
      const { config, tensors } = readPeft(source)
      const out = join(folder, 'copy')
      await exportPeft(out, { config, tensors })
      const weights = (path: string) => sha256(diskFiles.read(join(path, 'adapter_model.safetensors')))
      expect(weights(out)).toBe(weights(source)) // byte for byte the file that PEFT itself wrote
      const [before, after] = [source, out].map((path) => rawTensors(join(path, 'adapter_model.safetensors')))
      expect(after).toEqual(before)
      const written = readJson(join(out, 'adapter_config.json'))
      const theirs = readJson(join(source, 'adapter_config.json'))
      for (const [key, value] of Object.entries(written)) expect([key, value]).toEqual([key, theirs[key]])
      expect(readPeft(out)).toEqual(readPeft(source))
    }))
})

describe('exporting', () => {
  const input = { config: smallConfig, tensors: smallTensors(), fingerprint: fingerprint('base') }

  it('writes the two files with the layout of the interface, deterministically', () =>
    inFolder(async (folder) => {
      const one = await exportPeft(join(folder, 'one'), input)
      const shuffled = { ...input, tensors: [...input.tensors].reverse() }
      const two = await exportPeft(join(folder, 'two'), shuffled)
      expect(tree(folder)).toEqual(
        ['one', 'two'].flatMap((name) => [name, `${name}/adapter_config.json`, `${name}/adapter_model.safetensors`]),
      )
      expect(two.sha256).toBe(one.sha256)
      expect(sha256(diskFiles.read(join(one.folder, 'adapter_model.safetensors')))).toBe(one.sha256)
      const raw = rawTensors(join(one.folder, 'adapter_model.safetensors'))
      expect(raw.get('base_model.model.model.layers.1.self_attn.v_proj.lora_A.weight')?.shape).toEqual([4, 8])
      expect(raw.get('base_model.model.model.layers.1.self_attn.v_proj.lora_B.weight')?.shape).toEqual([10, 4])
      expect(readJson(join(one.folder, 'adapter_config.json'))).toMatchObject({
        peft_type: 'LORA',
        task_type: 'CAUSAL_LM',
        r: 4,
        lora_alpha: 8,
        lora_dropout: 0.1,
        target_modules: ['q_proj', 'v_proj'],
        base_model_name_or_path: 'smollm2-135m-instruct',
        bias: 'none',
        fan_in_fan_out: false,
        inference_mode: true,
      })
      expect(readPeft(one.folder)).toMatchObject({ config: smallConfig, fingerprint: fingerprint('base') })
    }))

  it('refuses an existing folder unless told to replace it, and then leaves nothing else', () =>
    inFolder(async (folder) => {
      const out = join(folder, 'out')
      mkdirSync(out)
      await exportPeft(out, input) // an empty folder is free
      writeFileSync(join(out, 'mine.txt'), 'keep')
      expect(await codeOf(() => exportPeft(out, input))).toBe('adapter.folder_exists')
      expect(tree(out)).toContain('mine.txt')
      expect(await codeOf(() => exportPeft(out, { ...input, replace: true }))).toBe('adapter.folder_exists')
      expect(tree(out)).toEqual(['adapter_config.json', 'adapter_model.safetensors', 'mine.txt'])
      diskFiles.remove(join(out, 'mine.txt'))
      const before = diskFiles.read(join(out, 'adapter_model.safetensors'))
      await exportPeft(out, { ...input, tensors: smallTensors({ seed: 2 }), replace: true })
      expect(sha256(diskFiles.read(join(out, 'adapter_model.safetensors')))).not.toBe(sha256(before))
      expect(tree(folder)).toEqual(['out', 'out/adapter_config.json', 'out/adapter_model.safetensors'])
    }))

  it('leaves nothing behind when it fails', () =>
    inFolder(async (folder) => {
      writeFileSync(join(folder, 'file'), 'x')
      expect(await codeOf(() => exportPeft(join(folder, 'file', 'out'), input))).toBe('adapter.write_failed')
      for (const replace of [false, true]) {
        expect(await codeOf(() => exportPeft(join(folder, 'file'), { ...input, replace }))).toBe(
          'adapter.folder_exists',
        )
      }
      expect(tree(folder)).toEqual(['file'])
    }))

  it.each(['/home/someone/models/x', 'C:\\models\\x', '../x', './x', '~/x', 'a/b/c', 'models\\x', '', 'x\ny'])(
    'refuses the base model id %j, because a path of the machine may not leave it',
    async (baseModelId) => {
      const work = () => encodePeft({ ...input, config: { ...smallConfig, baseModelId } })
      expect(await codeOf(work)).toBe('adapter.base_id_path')
    },
  )

  it('refuses values that are not finite', async () => {
    const tensors = smallTensors()
    tensors[3].data[5] = Number.NaN
    expect(await codeOf(() => encodePeft({ ...input, tensors }))).toBe('adapter.not_finite')
  })

  it('rank-stabilised adapters keep their scale', () =>
    inFolder(async (folder) => {
      const config = { ...smallConfig, rankStabilised: true }
      await exportPeft(join(folder, 'rs'), { config, tensors: smallTensors() })
      expect(readPeft(join(folder, 'rs')).scale).toBe(8 / 2)
      expect(scaleOf(smallConfig)).toBe(2)
    }))
})

/** An adapter folder from parts, each of which may be wrong. */
function writeAdapter(folder: string, config: unknown, tensors: readonly PeftTensor[], dtype = 'F32'): string {
  const stored = tensors.map((tensor) => ({ ...tensor, dtype }))
  writeFileSync(join(folder, 'adapter_config.json'), typeof config === 'string' ? config : JSON.stringify(config))
  writeFileSync(join(folder, 'adapter_model.safetensors'), encodeSafetensors(stored))
  return folder
}

const peftConfig = {
  peft_type: 'LORA',
  task_type: 'CAUSAL_LM',
  r: 4,
  lora_alpha: 8,
  target_modules: ['q_proj', 'v_proj'],
}

describe('strict reading', () => {
  it('accepts the plain configuration the refusals below start from', () =>
    inFolder((folder) => {
      expect(readPeft(writeAdapter(folder, peftConfig, smallTensors())).pairs).toHaveLength(4)
    }))

  it.each<[string, unknown]>([
    ['use_dora', true],
    ['use_qalora', true],
    ['lora_bias', true],
    ['bias', 'all'],
    ['bias', 'lora_only'],
    ['fan_in_fan_out', true],
    ['modules_to_save', ['lm_head']],
    ['rank_pattern', { 'model.layers.0.self_attn.q_proj': 8 }],
    ['alpha_pattern', { q_proj: 2 }],
    ['layers_to_transform', [0]],
    ['layers_to_transform', 0],
    ['layers_pattern', 'layers'],
    ['layer_replication', [[0, 2]]],
    ['target_parameters', ['experts.w']],
    ['trainable_token_indices', [5]],
    ['alora_invocation_tokens', [1, 2]],
    ['init_lora_weights', 'pissa'],
    ['init_lora_weights', 'olora'],
    ['init_lora_weights', 'loftq'],
    ['loftq_config', { loftq_bits: 4 }],
    ['kasa_config', { x: 1 }],
    ['use_something_of_next_year', true],
    ['another_option', 'on'],
    ['a_number', 3],
  ])('refuses the option %s = %j by name', (option, value) =>
    inFolder(async (folder) => {
      writeAdapter(folder, { ...peftConfig, [option]: value }, smallTensors())
      expect(() => readPeft(folder)).toThrow(`adapter.option_unsupported {"option":"${option}"`)
    }),
  )

  it.each<[string, Record<string, unknown> | string]>([
    ['adapter.type_unsupported', { peft_type: 'IA3' }],
    ['adapter.type_unsupported', { peft_type: undefined }],
    ['adapter.task_unsupported', { task_type: 'SEQ_CLS' }],
    ['adapter.config_invalid', { r: 0 }],
    ['adapter.config_invalid', { r: 4.5 }],
    ['adapter.config_invalid', { r: '4' }],
    ['adapter.config_invalid', { r: 1e9 }],
    ['adapter.config_invalid', { lora_alpha: null }],
    ['adapter.config_invalid', { lora_dropout: 2 }],
    ['adapter.config_invalid', { target_modules: [] }],
    ['adapter.config_invalid', { target_modules: null }],
    ['adapter.config_invalid', { base_model_name_or_path: 5 }],
    ['adapter.config_invalid', '[1,2]'],
    ['adapter.config_invalid', '{"r":'],
    ['adapter.shape_mismatch', { r: 8 }],
    ['adapter.tensor_unexpected', { target_modules: ['q_proj'] }],
    ['adapter.tensor_unexpected', { target_modules: ['proj'] }],
  ])('%s: %j', (code, change) =>
    inFolder(async (folder) => {
      const config = typeof change === 'string' ? change : { ...peftConfig, ...change }
      expect(await codeOf(() => readPeft(writeAdapter(folder, config, smallTensors())))).toBe(code)
      expect(errorCatalogue[code]?.exit).toBe(3)
    }),
  )

  it.each<[string, string, (tensors: PeftTensor[]) => PeftTensor[]]>([
    ['half a pair', 'adapter.tensor_missing', (all) => all.slice(1)],
    ['no tensors', 'adapter.empty', () => []],
    ['another tensor', 'adapter.tensor_unexpected', (all) => [...all, { ...all[0], name: 'lm_head.weight' }]],
    [
      'DoRA magnitudes',
      'adapter.tensor_unexpected',
      (all) => [...all, rename(all[0], /lora_A/, 'lora_magnitude_vector')],
    ],
    [
      'embedding matrices',
      'adapter.tensor_unexpected',
      (all) => [...all, rename(all[0], /lora_A/, 'lora_embedding_A')],
    ],
    ['an unsaved adapter name', 'adapter.tensor_unexpected', (all) => [rename(all[0], /\.weight/, '.default.weight')]],
    ['three dimensions', 'adapter.shape_mismatch', (all) => [{ ...all[0], shape: [4, 4, 2] }, ...all.slice(1)]],
    ['A transposed', 'adapter.shape_mismatch', (all) => [{ ...all[0], shape: [8, 4] }, ...all.slice(1)]],
    [
      'infinity',
      'adapter.not_finite',
      (all) => [{ ...all[0], data: all[0].data.map(() => Infinity) }, ...all.slice(1)],
    ],
  ])('tensors: %s', (_what, code, change) =>
    inFolder(async (folder) => {
      expect(await codeOf(() => readPeft(writeAdapter(folder, peftConfig, change(smallTensors()))))).toBe(code)
    }),
  )

  it('refuses integers, pickles, missing and malformed files', () =>
    inFolder(async (folder) => {
      expect(await codeOf(() => readPeft(folder))).toBe('adapter.config_missing')
      expect(await codeOf(() => readPeft(writeAdapter(folder, peftConfig, smallTensors(), 'I32')))).toBe(
        'adapter.dtype_unsupported',
      )
      writeFileSync(join(folder, 'adapter_model.safetensors'), 'x')
      expect(await codeOf(() => readPeft(folder))).toMatch(/^format\.safetensors\./)
      diskFiles.remove(join(folder, 'adapter_model.safetensors'))
      expect(await codeOf(() => readPeft(folder))).toBe('adapter.weights_missing')
      writeFileSync(join(folder, 'adapter_model.bin'), 'x')
      expect(await codeOf(() => readPeft(folder))).toBe('adapter.pickle')
    }))

  it('target patterns: the tensors say which layers are meant', () =>
    inFolder((folder) => {
      const targets = (target_modules: string) =>
        readPeft(writeAdapter(folder, { ...peftConfig, target_modules }, smallTensors({ layers: 1 }))).config.targets
      expect(targets('all-linear')).toEqual(['q_proj', 'v_proj'])
      expect(targets('.*layers\\.0.*_proj')).toEqual([
        'model.layers.0.self_attn.q_proj',
        'model.layers.0.self_attn.v_proj',
      ])
    }))
})

describe('checkAgainstModel', () => {
  const { pairs } = readPeft(fixtureAdapter('llama-gqa-tied'))
  const sizes = new Map(pairs.map((pair) => [pair.module, pair]))

  it('accepts the right model, names a missing layer and one of another size', async () => {
    checkAgainstModel(pairs, (module) => sizes.get(module))
    expect(await codeOf(() => checkAgainstModel(pairs, () => undefined))).toBe('adapter.module_missing')
    const wider = () => checkAgainstModel(pairs, (module) => ({ ...sizes.get(module)!, inFeatures: 99 }))
    expect(await codeOf(wider)).toBe('adapter.shape_mismatch')
  })
})

function rename(tensor: PeftTensor, from: RegExp, to: string): PeftTensor {
  return { ...tensor, name: tensor.name.replace(from, to) }
}
