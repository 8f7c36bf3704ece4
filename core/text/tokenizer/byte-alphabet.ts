/*
 * GPT-2 writes each byte as one printable character: the printable Latin-1 characters stand for themselves, the other
 * 68 bytes take U+0100 upwards in order (Radford et al., 2019, encoder.py).
 */
const CHARACTERS: readonly string[] = (() => {
  const table: string[] = []
  let next = 0x100
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
    table.push(String.fromCharCode(printable ? byte : next++))
  }
  return table
})()

const BYTES: ReadonlyMap<string, number> = new Map(CHARACTERS.map((character, byte) => [character, byte]))

/** The character that stands for a byte. */
export function characterOfByte(byte: number): string {
  return CHARACTERS[byte] as string
}

/** The printable form of bytes. */
export function writeBytes(bytes: Uint8Array): string {
  let out = ''
  for (const byte of bytes) out += CHARACTERS[byte]
  return out
}

/** The bytes that a token's text stands for, or undefined when it holds a character outside the alphabet. */
export function readBytes(token: string): number[] | undefined {
  const out: number[] = []
  for (const character of token) {
    const byte = BYTES.get(character)
    if (byte === undefined) return undefined
    out.push(byte)
  }
  return out
}

const FALLBACK = /^<0x([0-9A-F]{2})>$/

/** The byte of a `<0xNN>` token, or undefined. */
export function fallbackByte(token: string): number | undefined {
  const match = FALLBACK.exec(token)
  return match === null ? undefined : Number.parseInt(match[1] as string, 16)
}

export function fallbackToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
}
