import type { Lang } from '../contract/messages/index.ts'

/**
 * Language of this call: `--lang`, else AIRLOCK_LANG, else the system's (LC_ALL, LC_MESSAGES, LANG); Chinese where
 * none of them says anything (Windows sets none: there the system's locale decides). Read before the arguments are
 * parsed, because errors of parsing have a language too.
 */
export function chooseLanguage(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  systemLocale: string | undefined,
): Lang {
  const asked = optionValue(argv, '--lang')
  if (asked === 'zh' || asked === 'en') return asked
  if (env.AIRLOCK_LANG === 'zh' || env.AIRLOCK_LANG === 'en') return env.AIRLOCK_LANG
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || systemLocale || 'zh'
  return /^zh/i.test(locale) ? 'zh' : 'en'
}

/** Value of `--name value` or `--name=value`, before `--`. */
export function optionValue(argv: readonly string[], name: string): string | undefined {
  const end = argv.indexOf('--')
  const options = end < 0 ? argv : argv.slice(0, end)
  const at = options.findIndex((word) => word === name || word.startsWith(`${name}=`))
  if (at < 0) return undefined
  return options[at] === name ? options[at + 1] : options[at]!.slice(name.length + 1)
}
