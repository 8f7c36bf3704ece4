import type { RandomStream } from '../../core/kit/index.ts'
import { concat, u64 } from '../support/bytes.ts'

/** Numbers at which readers tend to break, as 64-bit patterns. */
const AWKWARD = [0n, 1n, 0x7fn, 0xffn, 0xffffn, 2n ** 31n, 2n ** 32n - 1n, 2n ** 40n, 2n ** 53n, 2n ** 63n, -1n, -32n]

/** Characters that change the meaning of a JSON header without making it unreadable. */
const JSON_BYTES = new TextEncoder().encode('0123456789{}[]",:-.eFIUB1648 \\u')

/**
 * One random damage, or a few: flipped bits, replaced bytes and characters, awkward numbers, cut, inserted, repeated or moved pieces.
 * Two of three damages hit the first `hot` bytes, where the structure is.
 */
export function mutate(original: Uint8Array, hot: number, random: RandomStream): Uint8Array {
  let file: Uint8Array = original.slice()
  const damages = 1 + random.int(4)
  for (let i = 0; i < damages && file.length > 0; i++) {
    const range = random.int(3) < 2 ? Math.min(hot, file.length) : file.length
    file = damage(file, random.int(range), random)
  }
  return file
}

function damage(file: Uint8Array, at: number, random: RandomStream): Uint8Array {
  const length = 1 + random.int(16)
  switch (random.int(11)) {
    case 0:
      file[at] ^= 1 << random.int(8)
      return file
    case 1:
      file[at] = random.int(256)
      return file
    case 2: {
      const number = u64(AWKWARD[random.int(AWKWARD.length)])
      file.set(number.subarray(0, Math.min([1, 2, 4, 8][random.int(4)], file.length - at)), at)
      return file
    }
    case 3:
      return file.slice(0, at)
    case 4:
      return concat(file.subarray(0, at), file.subarray(at + length))
    case 5: {
      const piece = Uint8Array.from({ length }, () => random.int(256))
      return concat(file.subarray(0, at), piece, file.subarray(at))
    }
    case 6:
      return concat(file.subarray(0, at + length), file.subarray(at))
    case 7: {
      const from = random.int(file.length)
      file.copyWithin(at, from, from + length)
      return file
    }
    default:
      file[at] = JSON_BYTES[random.int(JSON_BYTES.length)]
      return file
  }
}
