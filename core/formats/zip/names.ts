import { AppError } from '../../kit/index.ts'

/** Device names that Windows reserves in every folder, with or without an extension. */
const RESERVED = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?$/i

/** Control, format (bidirectional, zero-width) and separator characters, unpaired surrogates, and what Windows forbids. */
const FORBIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}<>:"|?*\\]/u

const MAX_NAME = 1024
const MAX_SEGMENT = 200

/** Text from an untrusted file made safe to show: control and format characters become \u escapes, long text is cut. */
export function printable(text: string): string {
  const escaped = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return escaped.length > 120 ? `${escaped.slice(0, 117)}...` : escaped
}

/**
 * Decodes an entry name: UTF-8 where the flag says so, ASCII otherwise.
 * @throws format.zip.name_encoding for anything else (old code pages are guesses)
 */
export function decodeName(raw: Uint8Array, utf8: boolean): string {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(raw)
    if (utf8 || raw.every((byte) => byte < 0x80)) return text
  } catch {
    // reported below: the bytes are not UTF-8
  }
  throw new AppError('format.zip.name_encoding', { name: printable(new TextDecoder('latin1').decode(raw)) })
}

/**
 * Accepts only a relative path with '/' that means the same file on Linux, Windows and macOS and cannot leave its folder.
 * A directory entry ends with '/'.
 * @throws format.zip.path_absolute, format.zip.path_escape, format.zip.name_invalid
 */
export function checkName(name: string): void {
  const shown = { name: printable(name) }
  if (/^[\\/]/.test(name) || /^[a-z]:/i.test(name)) throw new AppError('format.zip.path_absolute', shown)
  const path = name.endsWith('/') ? name.slice(0, -1) : name
  if (path.split(/[\\/]/).includes('..')) throw new AppError('format.zip.path_escape', shown)
  const bad = (reason: string): never => {
    throw new AppError('format.zip.name_invalid', { ...shown, reason })
  }
  if (path === '' || name.length > MAX_NAME) bad('length')
  if (FORBIDDEN.test(name)) bad('character')
  if (name.normalize('NFC') !== name) bad('normalisation')
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') bad('segment')
    if (new TextEncoder().encode(segment).length > MAX_SEGMENT) bad('length')
    if (/[. ]$/.test(segment) || segment.startsWith(' ')) bad('ending')
    if (RESERVED.test(segment)) bad('reserved')
  }
}

/**
 * Refuses names that would be one file on some system: equal names, names that differ in case only, and a file whose
 * name is also used as a folder.
 * @throws format.zip.duplicate, format.zip.case_collision
 */
export function checkCollisions(names: readonly string[]): void {
  const seen = new Map<string, string>()
  const claim = (path: string, spelling: string): void => {
    const key = fold(path)
    const earlier = seen.get(key)
    if (earlier !== undefined && earlier !== spelling) {
      throw new AppError('format.zip.case_collision', { name: printable(spelling), other: printable(earlier) })
    }
    seen.set(key, spelling)
  }
  const exact = new Set<string>()
  for (const name of names) {
    if (exact.has(name)) throw new AppError('format.zip.duplicate', { name: printable(name) })
    exact.add(name)
    // Folders are claimed with their slash, so the file "a" and the folder "a/" collide.
    for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
      claim(name.slice(0, at), name.slice(0, at + 1))
    }
    if (!name.endsWith('/')) claim(name, name)
  }
}

/** Upper then lower case, so that letters with two lower-case forms (ſ, ς) fold as file systems fold them. */
function fold(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC')
}
