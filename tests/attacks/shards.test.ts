import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { openSafetensorsFolder } from '../../core/formats/tensors.ts'
import { refusalOf } from '../support/app-error.ts'
import { f32 } from '../support/bytes.ts'
import { member, safetensorsFile } from '../support/safetensors-writer.ts'
import { tempFolder } from '../support/temp-folder.ts'

const temp = tempFolder()
const folder = join(temp.path, 'model')
const INDEX = 'model.safetensors.index.json'

const put = (name: string, data: Uint8Array | string) => writeFileSync(join(folder, name), data)
const one = (name: string, value: number) => safetensorsFile(`{${member(name, 'F32', [1], 0, 4)}}`, f32(value))
const index = (map: Record<string, string>, total = 8) =>
  JSON.stringify({ metadata: { total_size: total, total_parameters: 2 }, weight_map: map })

/** A good folder of two shards, which each test then spoils. */
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  put('one.safetensors', one('a', 1))
  put('two.safetensors', one('b', 2))
  put(INDEX, index({ a: 'one.safetensors', b: 'two.safetensors' }))
})

const refuses = (code: string) =>
  expect(refusalOf(() => openSafetensorsFolder(folder))).toBe(`format.safetensors.${code}`)

describe('P-10 sharded safetensors folders', () => {
  it('reads the good folder that the hostile ones are variations of', () => {
    const source = openSafetensorsFolder(folder)
    expect(source.names()).toEqual(['a', 'b'])
    expect([...source.readFloat32('a'), ...source.readFloat32('b')]).toEqual([1, 2])
    expect(() => source.info('c')).toThrow(expect.objectContaining({ code: 'format.tensor_missing' }))
    source.close()
  })

  const hostileNames = [
    '../two.safetensors',
    '..\\two.safetensors',
    '/etc/two.safetensors',
    'C:two.safetensors',
    'sub/two.safetensors',
    'two.safetensors:stream',
    '..',
    '',
    'two',
    'two.bin',
    '.safetensors',
    'nul.safetensors',
    'COM1.x.safetensors',
    'two\0.safetensors',
    'two\n.safetensors',
    'two.safetensors ',
    `${'n'.repeat(300)}.safetensors`,
  ]
  it.each(hostileNames)('shard name %j → shard_name', (shard) => {
    put(INDEX, index({ a: 'one.safetensors', b: shard }))
    refuses('shard_name')
  })

  it('a shard that links out of the folder → shard_link', () => {
    temp.put('outside.safetensors', one('b', 2))
    rmSync(join(folder, 'two.safetensors'))
    symlinkSync(join(temp.path, 'outside.safetensors'), join(folder, 'two.safetensors'))
    refuses('shard_link')
  })

  it('weights or an index that link out of the folder → shard_link', () => {
    temp.put('outside.json', index({ a: 'one.safetensors' }))
    rmSync(join(folder, INDEX))
    symlinkSync(join(temp.path, 'outside.json'), join(folder, INDEX))
    refuses('shard_link')
    temp.put('outside.safetensors', one('b', 2))
    symlinkSync(join(temp.path, 'outside.safetensors'), join(folder, 'model.safetensors'))
    refuses('shard_link')
  })

  it('follows a link inside the folder and a link to the folder', () => {
    rmSync(join(folder, 'two.safetensors'))
    put('stored.safetensors', one('b', 2))
    symlinkSync('stored.safetensors', join(folder, 'two.safetensors'))
    const link = join(temp.path, 'link')
    symlinkSync(folder, link)
    const source = openSafetensorsFolder(link)
    expect([...source.readFloat32('b')]).toEqual([2])
    source.close()
  })

  it('no weights at all → folder_without_weights', () => {
    rmSync(join(folder, INDEX))
    refuses('folder_without_weights')
  })

  it('a missing shard → shard_missing', () => {
    rmSync(join(folder, 'two.safetensors'))
    refuses('shard_missing')
  })

  it('a listed tensor that its shard does not hold → shard_tensor_missing', () => {
    put(INDEX, index({ a: 'one.safetensors', b: 'two.safetensors', c: 'two.safetensors' }))
    refuses('shard_tensor_missing')
  })

  it('a tensor listed for the wrong shard → shard_tensor_missing', () => {
    put(INDEX, index({ a: 'two.safetensors', b: 'one.safetensors' }))
    refuses('shard_tensor_missing')
  })

  it('a tensor in two shards → shard_duplicate', () => {
    put(
      'two.safetensors',
      safetensorsFile(`{${member('a', 'F32', [1], 0, 4)},${member('b', 'F32', [1], 4, 8)}}`, f32(1, 2)),
    )
    refuses('shard_duplicate')
  })

  it('a tensor that the index does not list → shard_unlisted', () => {
    put(
      'two.safetensors',
      safetensorsFile(`{${member('b', 'F32', [1], 0, 4)},${member('c', 'F32', [1], 4, 8)}}`, f32(1, 2)),
    )
    refuses('shard_unlisted')
  })

  it.each([7, 9, 2 ** 40])('total size %d → total_size', (total) => {
    put(INDEX, index({ a: 'one.safetensors', b: 'two.safetensors' }, total))
    refuses('total_size')
  })

  it('takes a total size in float notation, and none', () => {
    put(INDEX, '{"metadata":{"total_size":8.0},"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}')
    openSafetensorsFolder(folder).close()
    put(INDEX, '{"weight_map":{"a":"one.safetensors","b":"two.safetensors"}}')
    openSafetensorsFolder(folder).close()
  })

  it('a damaged shard gives the error of its own file', () => {
    truncateSync(join(folder, 'two.safetensors'), 20)
    refuses('header_truncated')
  })

  it('1,001 shards → too_many_shards', () => {
    put(INDEX, index(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`t${i}`, `s${i}.safetensors`]))))
    refuses('too_many_shards')
  })

  it('an index of 100 MB → index_too_large', () => {
    truncateSync(join(folder, INDEX), 100_000_001) // sparse: takes no room on the disk
    refuses('index_too_large')
  })

  it.each([
    ['index_json', '{"weight_map":'],
    ['index_json', '{"weight_map":{"a":"one.safetensors"}} x'],
    ['index_json', `{"other":${'['.repeat(50)}${']'.repeat(50)},"weight_map":{}}`],
    ['index_json', Uint8Array.of(0x7b, 0xff, 0x7d)],
    ['index_json', '[]'],
    ['index_duplicate_key', '{"weight_map":{"a":"one.safetensors","a":"two.safetensors"}}'],
    ['index_duplicate_key', '{"weight_map":{},"weight_map":{}}'],
    ['index_duplicate_key', '{"metadata":{"total_size":1,"total_size":2},"weight_map":{}}'],
    ['index_fields', '{}'],
    ['index_fields', '{"weight_map":{}}'],
    ['index_fields', '{"weight_map":[]}'],
    ['index_fields', '{"weight_map":{"a":1}}'],
    ['index_fields', '{"metadata":{"total_size":-1},"weight_map":{"a":"one.safetensors"}}'],
    ['index_fields', '{"metadata":{"total_size":"8"},"weight_map":{"a":"one.safetensors"}}'],
    ['name', '{"weight_map":{"\\u0000":"one.safetensors"}}'],
  ])('%s: index %j', (code, content) => {
    put(INDEX, content)
    refuses(code)
  })
})
