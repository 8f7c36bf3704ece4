import { createHash } from 'node:crypto'

/** SHA-256 of bytes or UTF-8 text as 64 lower-case hex digits. */
export function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex')
}

/** Incremental SHA-256 for data that does not fit in memory. */
export function sha256Stream(): { update(data: Uint8Array | string): void; hex(): string } {
  const hash = createHash('sha256')
  return { update: (data) => void hash.update(data), hex: () => hash.digest('hex') }
}

/**
 * Canonical JSON: object keys sorted by code unit, no spaces, numbers as JSON writes them; the byte sequence that
 * digests and signatures cover. `undefined` members are left out; non-finite numbers are refused.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('canonical JSON holds finite numbers only')
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object') {
    const members = Object.entries(value)
      .filter(([, v]) => v !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => `${JSON.stringify(k)}:${canonicalJson(v)}`)
    return `{${members.join(',')}}`
  }
  throw new TypeError(`canonical JSON cannot hold a ${typeof value}`)
}
