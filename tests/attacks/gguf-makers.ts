import { bytes, concat, f32, u32, u64, utf8, zeros } from '../support/bytes.ts'
import {
  array,
  boolEntry,
  entry,
  ggufFile,
  goodGguf,
  str,
  stringEntry,
  tensorInfo,
  u32Entry,
} from '../support/gguf-writer.ts'
import type { Maker } from './safetensors-makers.ts'

const file = (name: string, code: string, make: () => Uint8Array): Maker => ({
  name,
  code: code.startsWith('format.') ? code : `format.gguf.${code}`,
  make,
})

/** A file with one metadata entry and plenty of bytes behind it. */
const withEntry = (name: string, code: string, bytesOfEntry: Uint8Array): Maker =>
  file(name, code, () => concat(ggufFile({ entries: [bytesOfEntry] }), zeros(512)))

/** A file with one tensor list entry and plenty of data. */
const withTensor = (name: string, code: string, info: Uint8Array): Maker =>
  file(name, code, () => ggufFile({ tensors: [info], data: zeros(4096) }))

const ARCHITECTURE = stringEntry('general.architecture', 'llama')
const nestedArrays = (depth: number): Uint8Array => (depth === 1 ? array(0, []) : array(9, [nestedArrays(depth - 1)]))

const prefix: Maker[] = [
  file('empty file', 'format.file_empty', () => zeros(0)),
  file('three bytes', 'truncated', () => utf8('GGU')),
  file('magic only', 'truncated', () => utf8('GGUF')),
  file('another magic', 'magic', () => concat(utf8('GGUE'), zeros(60))),
  file('version 1', 'version', () => ggufFile({ version: u32(1) })),
  file('version 4', 'version', () => ggufFile({ version: u32(4) })),
  file('version 0', 'version', () => ggufFile({ version: u32(0) })),
  file('big-endian version', 'big_endian', () => ggufFile({ version: bytes(0, 0, 0, 3) })),
  file('2^64 - 1 tensors', 'count', () => ggufFile({ tensorCount: -1n, data: zeros(64) })),
  file('2^40 tensors', 'count', () => ggufFile({ tensorCount: 2 ** 40, data: zeros(64) })),
  file('2^40 metadata entries', 'count', () => ggufFile({ entryCount: 2 ** 40, data: zeros(64) })),
  file('one tensor more than the file can hold', 'count', () => ggufFile({ entries: [], tensorCount: 1 })),
]

const metadata: Maker[] = [
  withEntry('key of 2^40 bytes', 'string_length', concat(u64(2 ** 40), utf8('k'))),
  withEntry('key of 2^64 - 1 bytes', 'string_length', concat(u64(-1n), utf8('k'))),
  withEntry('text of 2^40 bytes', 'string_length', entry('k', 8, u64(2 ** 40))),
  file('key of 65,536 bytes', 'key', () => ggufFile({ entries: [u32Entry('k'.repeat(65_536), 1)] })),
  withEntry('empty key', 'key', u32Entry('', 1)),
  withEntry('key with a zero byte', 'key', u32Entry('a\0b', 1)),
  withEntry('key that is no UTF-8', 'utf8', entry(bytes(0x61, 0xff), 4, u32(1))),
  withEntry('text that is no UTF-8', 'utf8', entry('k', 8, str(bytes(0xc3)))),
  withEntry('token that is no UTF-8', 'utf8', entry('k', 9, array(8, [str('a'), str(bytes(0xed, 0xa0, 0x80))]))),
  file('same key twice', 'duplicate_key', () =>
    concat(ggufFile({ entries: [ARCHITECTURE, ARCHITECTURE] }), zeros(512)),
  ),
  withEntry('value type 13', 'value_type', entry('k', 13, u64(0))),
  withEntry('value type 2^32 - 1', 'value_type', entry('k', 0xffffffff, u64(0))),
  withEntry('array of type 13', 'value_type', entry('k', 9, array(13, [u64(0)]))),
  withEntry('boolean 2', 'boolean', boolEntry('k', 2)),
  withEntry('boolean 255 in an array', 'boolean', entry('k', 9, array(7, [bytes(1, 255)], 2))),
  withEntry('array of 2^40 bytes', 'array_length', entry('k', 9, array(0, [], 2 ** 40))),
  withEntry('array of 2^61 doubles (0 bytes in 64 bits)', 'array_length', entry('k', 9, array(12, [], 2n ** 61n))),
  withEntry('array of 2^40 strings', 'array_length', entry('k', 9, array(8, [], 2 ** 40))),
  withEntry('array of 2^40 booleans', 'array_length', entry('k', 9, array(7, [], 2 ** 40))),
  withEntry('array of 2^40 arrays', 'array_length', entry('k', 9, array(9, [], 2 ** 40))),
  withEntry('array of 100 strings in the bytes of 60', 'array_length', entry('k', 9, array(8, [], 100))),
  withEntry('arrays nested 5 deep', 'array_depth', entry('k', 9, nestedArrays(5))),
  file('arrays nested 10,000 deep', 'array_depth', () =>
    ggufFile({ entries: [entry('k', 9, concat(...Array(10_000).fill(concat(u32(9), u64(1))), array(0, [])))] }),
  ),
  file('65,536 empty arrays', 'metadata_too_large', () =>
    ggufFile({ entries: [entry('k', 9, array(9, [concat(...Array(65_536).fill(array(0, [])))], 65_536))] }),
  ),
  file('five million booleans', 'metadata_too_large', () =>
    ggufFile({ entries: [entry('k', 9, array(7, [zeros(5_000_000)], 5_000_000))] }),
  ),
  withEntry('alignment 0', 'alignment', u32Entry('general.alignment', 0)),
  withEntry('alignment 1', 'alignment', u32Entry('general.alignment', 1)),
  withEntry('alignment 48', 'alignment', u32Entry('general.alignment', 48)),
  withEntry('alignment 2^31', 'alignment', u32Entry('general.alignment', 2 ** 31)),
  withEntry('alignment is text', 'alignment', stringEntry('general.alignment', '32')),
  withEntry('part of a split model', 'split', entry('split.count', 2, bytes(3, 0))),
]

const tensors: Maker[] = [
  withTensor('name of 257 bytes', 'tensor_name', tensorInfo('n'.repeat(257), [4], 0, 0)),
  withTensor('empty name', 'tensor_name', tensorInfo('', [4], 0, 0)),
  withTensor('name with a terminal escape', 'tensor_name', tensorInfo('\u001b[2J', [4], 0, 0)),
  withTensor('name of 2^40 bytes', 'string_length', concat(u64(2 ** 40), utf8('n'))),
  withTensor('five dimensions', 'rank', tensorInfo('t', [1, 1, 1, 1, 1], 0, 0)),
  withTensor('2^32 - 1 dimensions', 'rank', concat(str('t'), u32(0xffffffff))),
  withTensor('dimension 0', 'dimension', tensorInfo('t', [4, 0], 0, 0)),
  withTensor('product beyond 2^53', 'shape_overflow', tensorInfo('t', [2 ** 30, 2 ** 30], 0, 0)),
  withTensor('product that is 0 in 64 bits', 'shape_overflow', tensorInfo('t', [2 ** 32, 2 ** 32], 0, 0)),
  withTensor('dimension of 2^64 - 1', 'shape_overflow', tensorInfo('t', [-1n], 0, 0)),
  withTensor('row that is no multiple of the block', 'row_size', tensorInfo('t', [48, 2], 2, 0)),
  withTensor('scalar of a block type', 'row_size', tensorInfo('t', [], 12, 0)),
  withTensor('type 99', 'type_unknown', tensorInfo('t', [32], 99, 0)),
  withTensor('type 2^32 - 1', 'type_unknown', tensorInfo('t', [32], 0xffffffff, 0)),
  withTensor('type removed from ggml', 'type_unsupported', tensorInfo('t', [32], 4, 0)),
  withTensor('type without a layout here', 'type_unsupported', tensorInfo('t', [64], 40, 0)),
  withTensor('offset not aligned', 'offset_alignment', tensorInfo('t', [4], 0, 4)),
  withTensor('offset 2^64 - 32', 'hole', tensorInfo('t', [4], 0, -32n)),
  withTensor('hole before the first tensor', 'hole', tensorInfo('t', [4], 0, 64)),
  withTensor('2^40 items', 'data_truncated', tensorInfo('t', [2 ** 40], 0, 0)),
  withTensor('data behind the last tensor', 'trailing_data', tensorInfo('t', [4], 0, 0)),
  file('same tensor twice', 'duplicate_tensor', () =>
    ggufFile({ tensors: [tensorInfo('t', [8], 0, 0), tensorInfo('t', [8], 0, 32)], data: zeros(64) }),
  ),
  file('tensors that share bytes', 'overlap', () =>
    ggufFile({ tensors: [tensorInfo('a', [16], 0, 0), tensorInfo('b', [8], 0, 32)], data: zeros(64) }),
  ),
  file('the same offset twice', 'overlap', () =>
    ggufFile({ tensors: [tensorInfo('a', [8], 0, 0), tensorInfo('b', [8], 0, 0)], data: zeros(32) }),
  ),
  file('hole between tensors', 'hole', () =>
    ggufFile({ tensors: [tensorInfo('a', [8], 0, 0), tensorInfo('b', [8], 0, 96)], data: zeros(128) }),
  ),
  file('last byte missing', 'data_truncated', () => goodGguf().subarray(0, -1)),
  file('no data at all', 'data_truncated', () => ggufFile({ tensors: [tensorInfo('t', [8], 0, 0)] })),
  file('data in a file without tensors', 'trailing_data', () => ggufFile({ data: f32(1) })),
]

export const ggufMakers: readonly Maker[] = [...prefix, ...metadata, ...tensors]
