/**
 * A stranger's text made fit for a message: at most 80 characters, control characters replaced (they could drive a
 * terminal), lone surrogates replaced.
 */
export function excerpt(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 79)}…` : text
  return cut.toWellFormed().replace(/\p{Cc}/gu, '\ufffd')
}

/** True for a usable tensor or key name: not empty, well-formed Unicode, no control characters, at most `limit` UTF-16 units. */
export function isUsableName(name: string, limit: number): boolean {
  if (name.length === 0 || name.length > limit || !name.isWellFormed()) return false
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i)
    if (unit < 0x20 || (unit >= 0x7f && unit <= 0x9f)) return false
  }
  return true
}
