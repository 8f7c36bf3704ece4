import { bytes, concat, f32, u64, utf8, zeros } from '../support/bytes.ts'
import { goodSafetensors, member, safetensorsFile } from '../support/safetensors-writer.ts'

/** A hostile or damaged file and the one error it must raise. */
export interface Maker {
  readonly name: string
  readonly code: string
  make(): Uint8Array
}

const file = (name: string, code: string, make: () => Uint8Array): Maker => ({
  name,
  code: code.startsWith('format.') ? code : `format.safetensors.${code}`,
  make,
})

const header = (name: string, code: string, text: string, data: Uint8Array = zeros(4)): Maker =>
  file(name, code, () => safetensorsFile(text, data))

const good4 = member('a', 'F32', [1], 0, 4)
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

const prefix: Maker[] = [
  file('empty file', 'format.file_empty', () => zeros(0)),
  file('seven bytes', 'too_short', () => zeros(7)),
  file('length only, nothing behind it', 'header_truncated', () => u64(2)),
  file('length 2^64 - 1', 'header_too_large', () => concat(u64(-1), utf8('{}'))),
  file('length 2^53 + 2', 'header_too_large', () => concat(u64(2n ** 53n + 2n), utf8('{}'))),
  file('length one above 100 MB', 'header_too_large', () => concat(u64(100_000_001), utf8('{}'))),
  file('length 100 MB in a small file', 'header_truncated', () => concat(u64(100_000_000), utf8('{}'))),
  file('length one above the rest of the file', 'header_truncated', () => safetensorsFile('{}', zeros(0), 3)),
  file('length 0', 'header_start', () => concat(u64(0), zeros(8))),
]

const text: Maker[] = [
  header('header is an array', 'header_start', '[]'),
  header('space before the brace', 'header_start', ' {}'),
  header('byte order mark before the brace', 'header_start', '\ufeff{}'),
  file('byte that is no UTF-8', 'header_utf8', () =>
    safetensorsFile(concat(utf8('{"'), bytes(0xff), utf8(`":${good4.slice(4)}}`)), zeros(4)),
  ),
  file('overlong UTF-8 of a quote', 'header_utf8', () =>
    safetensorsFile(concat(utf8('{"a'), bytes(0xc0, 0xa2), utf8('":1}'))),
  ),
  file('UTF-8 of a surrogate', 'header_utf8', () =>
    safetensorsFile(concat(utf8('{"'), bytes(0xed, 0xa0, 0x80), utf8('":1}'))),
  ),
  header('brace that never closes', 'header_json', `{${good4}`),
  header('comma before the closing brace', 'header_json', `{${good4},}`),
  header('text behind the header object', 'header_json', `{${good4}}{}`),
  header('zero bytes as padding', 'header_json', `{${good4}}\0\0\0`),
  header('single quotes', 'header_json', "{'a':1}"),
  header('comment', 'header_json', `{/**/${good4}}`),
  header('raw line feed in a name', 'header_json', '{"a\n":1}'),
  header('escape that is none', 'header_json', '{"\\x61":1}'),
  header('string that never ends', 'header_json', '{"a'),
  header('string that ends in a backslash', 'header_json', '{"a\\'),
  header('number with a leading zero', 'header_json', `{${good4.replace('[1]', '[01]')}}`),
  header('same tensor twice', 'duplicate_key', `{${good4},${good4}}`),
  header('same tensor twice, once escaped', 'duplicate_key', `{${good4},${good4.replace('"a"', '"\\u0061"')}}`),
  header('dtype twice', 'duplicate_key', `{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}`),
  header('shape twice', 'duplicate_key', `{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}`),
  header('two __metadata__', 'duplicate_key', `{"__metadata__":{},"__metadata__":{},${good4}}`),
  header('metadata key twice', 'duplicate_key', `{"__metadata__":{"k":"1","k":"2"},${good4}}`),
  header('metadata is a list', 'metadata', `{"__metadata__":[],${good4}}`),
  header('metadata value is a number', 'metadata', `{"__metadata__":{"k":1},${good4}}`),
  header('metadata value is an object', 'metadata', `{"__metadata__":{"k":{}},${good4}}`),
  file('metadata of 65,537 entries', 'metadata_too_large', () =>
    safetensorsFile(`{"__metadata__":{${Array.from({ length: 65_537 }, (_, i) => `"${i}":""`).join(',')}}}`),
  ),
]

const entry = (fields: string) => `{"a":{${fields}}}`

const entries: Maker[] = [
  header('name is empty', 'name', `{${good4.replace('"a"', '""')}}`),
  header('name of 1,025 characters', 'name', `{${good4.replace('"a"', `"${'n'.repeat(1025)}"`)}}`),
  header('name with an escaped zero byte', 'name', `{${good4.replace('"a"', '"a\\u0000"')}}`),
  header('name with a terminal escape', 'name', `{${good4.replace('"a"', '"\\u001b[2J"')}}`),
  header('name with half a surrogate pair', 'name', `{${good4.replace('"a"', '"\\ud800"')}}`),
  header('description is a number', 'entry', '{"a":1}'),
  header('description is null', 'entry', '{"a":null}'),
  header('descriptions nested 100,000 deep', 'unknown_field', nested(100_000)),
  header('unknown field', 'unknown_field', entry('"dtype":"F32","shape":[1],"data_offsets":[0,4],"sparse":true')),
  header('field __proto__', 'unknown_field', entry('"__proto__":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}')),
  header('no dtype', 'missing_field', entry('"shape":[1],"data_offsets":[0,4]')),
  header('no shape', 'missing_field', entry('"dtype":"F32","data_offsets":[0,4]')),
  header('no offsets', 'missing_field', entry('"dtype":"F32","shape":[1]')),
  header('empty description', 'missing_field', entry('')),
  header('unknown dtype', 'dtype', `{${member('a', 'F31', [1], 0, 4)}}`),
  header('dtype in small letters', 'dtype', `{${member('a', 'f32', [1], 0, 4)}}`),
  header('dtype is a number', 'dtype', entry('"dtype":1,"shape":[1],"data_offsets":[0,4]')),
  header('dtype is a method of every object', 'dtype', `{${member('a', 'constructor', [1], 0, 4)}}`),
  header('shape is text', 'shape', entry('"dtype":"F32","shape":"1","data_offsets":[0,4]')),
  header('negative dimension', 'shape', `{${member('a', 'F32', [-1], 0, 4)}}`),
  header('minus zero', 'shape', entry('"dtype":"F32","shape":[-0],"data_offsets":[0,0]'), zeros(0)),
  header('dimension is a fraction', 'shape', entry('"dtype":"F32","shape":[1.0],"data_offsets":[0,4]')),
  header('dimension in exponent notation', 'shape', entry('"dtype":"F32","shape":[1e0],"data_offsets":[0,4]')),
  header('dimension is null', 'shape', entry('"dtype":"F32","shape":[null],"data_offsets":[0,4]')),
  header('dimension of 2^53', 'shape', entry('"dtype":"F32","shape":[9007199254740992],"data_offsets":[0,4]')),
  header(
    'dimension of 1,000 digits',
    'shape',
    entry(`"dtype":"F32","shape":[${'9'.repeat(1000)}],"data_offsets":[0,4]`),
  ),
  header('33 dimensions', 'shape', `{${member('a', 'F32', Array(33).fill(1), 0, 4)}}`),
  header('product beyond 2^53', 'shape_overflow', `{${member('a', 'F32', [2 ** 30, 2 ** 30], 0, 4)}}`),
  header(
    'product that is 0 in 64 bits',
    'shape_overflow',
    `{${member('a', 'F32', [2 ** 32, 2 ** 32], 0, 0)}}`,
    zeros(0),
  ),
  header('product that is 4 in 64 bits', 'shape_overflow', `{${member('a', 'U8', [2 ** 33 + 2, 2 ** 31, 2], 0, 4)}}`),
  header('one offset', 'offsets', entry('"dtype":"F32","shape":[1],"data_offsets":[4]')),
  header('three offsets', 'offsets', entry('"dtype":"F32","shape":[1],"data_offsets":[0,2,4]')),
  header('negative offset', 'offsets', `{${member('a', 'F32', [1], -4, 0)}}`),
  header('offset is text', 'offsets', entry('"dtype":"F32","shape":[1],"data_offsets":["0","4"]')),
  header('offset beyond 2^53', 'offsets', entry('"dtype":"F32","shape":[1],"data_offsets":[0,18446744073709551615]')),
  header('end before begin', 'offsets_reversed', `{${member('a', 'F32', [1], 4, 0)}}`),
  header('range shorter than the shape', 'size_mismatch', `{${member('a', 'F32', [2], 0, 4)}}`),
  header('range longer than the shape', 'size_mismatch', `{${member('a', 'F32', [1], 0, 8)}}`, zeros(8)),
  header('2^40 items in four bytes', 'size_mismatch', `{${member('a', 'F32', [2 ** 40], 0, 4)}}`),
  header('zero items in four bytes', 'size_mismatch', `{${member('a', 'F32', [0], 0, 4)}}`),
  file('262,145 tensors', 'too_many_tensors', () =>
    safetensorsFile(`{${Array.from({ length: 262_145 }, (_, i) => member(`${i}`, 'U8', [0], 0, 0)).join(',')}}`),
  ),
]

const two = (b: string, data: Uint8Array): Uint8Array =>
  safetensorsFile(`{${member('a', 'F32', [2], 0, 8)},${b}}`, data)

const layout: Maker[] = [
  file('tensors that share bytes', 'overlap', () => two(member('b', 'F32', [2], 4, 12), zeros(12))),
  file('the same range twice', 'overlap', () => two(member('b', 'F32', [2], 0, 8), zeros(8))),
  file('a tensor inside another', 'overlap', () => two(member('b', 'U8', [1], 3, 4), zeros(8))),
  file('an empty tensor inside another', 'overlap', () => two(member('b', 'U8', [0], 3, 3), zeros(8))),
  file('a hole between tensors', 'hole', () => two(member('b', 'F32', [1], 12, 16), zeros(16))),
  header('a hole at the beginning', 'hole', `{${member('a', 'F32', [1], 4, 8)}}`, zeros(8)),
  header('2^40 items, consistently declared', 'data_truncated', `{${member('a', 'U8', [2 ** 40], 0, 2 ** 40)}}`),
  file('last byte missing', 'data_truncated', () => goodSafetensors().subarray(0, -1)),
  file('one byte too many', 'trailing_data', () => concat(goodSafetensors(), zeros(1))),
  file('a zip archive behind the data', 'trailing_data', () =>
    concat(goodSafetensors(), utf8('PK\x03\x04'), zeros(100)),
  ),
  file('data behind an empty header', 'trailing_data', () => safetensorsFile('{}', f32(1))),
]

export const safetensorsMakers: readonly Maker[] = [...prefix, ...text, ...entries, ...layout]
