/** Little-endian byte strings for building files by hand in tests. */

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
export const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
export const zeros = (length: number): Uint8Array => new Uint8Array(length)

export function u16(value: number): Uint8Array {
  return bytes(value & 255, (value >> 8) & 255)
}

export function u32(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4))
  view.setUint32(0, value, true)
  return new Uint8Array(view.buffer)
}

export function u64(value: number | bigint): Uint8Array {
  const view = new DataView(new ArrayBuffer(8))
  view.setBigUint64(0, BigInt.asUintN(64, BigInt(value)), true)
  return new Uint8Array(view.buffer)
}

export function f32(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer)
}
