/**
 * Prompt placeholders: `{name}` with a name of letters, digits and `_` is replaced by that column role of the row;
 * `{{name}}` stands for the literal text `{name}`; every other brace is plain text, so JSON needs no escaping.
 */
const PLACEHOLDER = /\{\{[A-Za-z_][A-Za-z0-9_]*\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/** Names used by a template, each once, in order of first use. */
export function placeholdersOf(template: string): string[] {
  const names = new Set<string>()
  for (const match of template.matchAll(PLACEHOLDER)) if (match[1] !== undefined) names.add(match[1])
  return [...names]
}

/**
 * Fills a template in one pass: a value that itself holds `{label}` stays as it is. Every placeholder must have a
 * value (`parseRecipe` has checked the names against the mapped columns).
 */
export function renderPrompt(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(PLACEHOLDER, (whole, name: string | undefined) => {
    if (name === undefined) return whole.slice(1, -1)
    const value = Object.hasOwn(values, name) ? values[name] : undefined
    if (value === undefined) throw new RangeError(`no value for the placeholder ${name}`)
    return value
  })
}
