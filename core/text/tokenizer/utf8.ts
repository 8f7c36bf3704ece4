const encoder = new TextEncoder()

/** UTF-8 bytes of a well-formed text. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text)
}

/** Number of UTF-8 bytes of one code point. */
export function utf8Length(codePoint: number): number {
  return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4
}
