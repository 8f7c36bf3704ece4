/** The few protobuf wire forms that an ONNX model needs, appended to one growing buffer (protobuf encoding guide: varint, fixed32, length-delimited). */
export class ProtoWriter {
  #bytes = new Uint8Array(1 << 12)
  #view = new DataView(this.#bytes.buffer)
  #at = 0

  #room(n: number): void {
    if (this.#at + n <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + n))
    larger.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = larger
    this.#view = new DataView(larger.buffer)
  }

  #raw(value: number): void {
    this.#room(10)
    let rest = value
    while (rest >= 128) {
      this.#bytes[this.#at++] = (rest % 128) + 128
      rest = Math.floor(rest / 128)
    }
    this.#bytes[this.#at++] = rest
  }

  /** Field of a whole number; negative numbers take the ten-byte two's-complement form. */
  int(field: number, value: number): this {
    this.#raw(field * 8)
    if (value >= 0) {
      this.#raw(value)
      return this
    }
    this.#room(10)
    let rest = BigInt.asUintN(64, BigInt(value))
    for (let i = 0; i < 9; i++, rest >>= 7n) this.#bytes[this.#at++] = Number(rest & 127n) | 128
    this.#bytes[this.#at++] = Number(rest)
    return this
  }

  float(field: number, value: number): this {
    this.#raw(field * 8 + 5)
    this.#room(4)
    this.#view.setFloat32(this.#at, value, true)
    this.#at += 4
    return this
  }

  bytes(field: number, data: Uint8Array): this {
    this.#raw(field * 8 + 2)
    this.#raw(data.length)
    this.#room(data.length)
    this.#bytes.set(data, this.#at)
    this.#at += data.length
    return this
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value))
  }

  message(field: number, write: (w: ProtoWriter) => void): this {
    const inner = new ProtoWriter()
    write(inner)
    return this.bytes(field, inner.finish())
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#at)
  }
}
