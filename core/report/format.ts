import type { Interval } from '../contract/domain/report.ts'

export type Lang = 'zh' | 'en'

/** Numbers, durations, sizes and dates as one language writes them. Independent of the machine's own locale and time zone. */
export interface Formats {
  integer(value: number): string
  decimal(value: number, digits: number): string
  /** 0.84 → 84.0% */
  percent(share: number, digits?: number): string
  /** Large counts in words: 135M, 1.35亿. */
  compact(value: number): string
  /** Signed, digits after the point: +0.53, −0.02. */
  signed(value: number, digits: number): string
  /** Small settings without rounding them away: 5e-4, 0.1. */
  setting(value: number): string
  interval(interval: Interval, format: (value: number) => string): string
  probability(p: number): string
  duration(seconds: number): string
  bytes(bytes: number): string
  /** Wall-clock date and time as written in an ISO 8601 text, with its offset. */
  dateTime(iso: string): string
  list(items: readonly string[]): string
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ')

export function formatsFor(lang: Lang): Formats {
  const locale = lang === 'zh' ? 'zh-CN' : 'en-US'
  // Making an Intl object takes longer than a hundred uses of it. `negative`: no minus before a rounded zero.
  const made = new Map<string, Intl.NumberFormat>()
  const number = (options: Intl.NumberFormatOptions) => {
    const key = JSON.stringify(options)
    const format = made.get(key) ?? new Intl.NumberFormat(locale, { signDisplay: 'negative', ...options })
    made.set(key, format)
    return (value: number) => format.format(value).replaceAll('-', '−')
  }
  const integer = number({ maximumFractionDigits: 0 })
  const decimal = (value: number, digits: number) =>
    number({ minimumFractionDigits: digits, maximumFractionDigits: digits })(value)
  const percent = (share: number, digits = 1) => `${decimal(share * 100, digits)}%`
  return {
    integer,
    decimal,
    percent,
    // 1.35 亿, with the space that Chinese typography puts between figures and characters.
    compact: (value) =>
      number({ notation: 'compact', maximumSignificantDigits: 3 })(value).replace(/(?=\p{Script=Han})/u, ' '),
    signed: (value, digits) =>
      number({ signDisplay: 'exceptZero', minimumFractionDigits: digits, maximumFractionDigits: digits })(value),
    setting: (value) =>
      value !== 0 && Math.abs(value) < 1e-2
        ? value.toExponential().replace('e-', 'e−')
        : number({ maximumFractionDigits: 6 })(value),
    // A dash between signed numbers would read as a minus, hence a comma in brackets.
    interval: ([low, high], format) => `[${format(low)}, ${format(high)}]`,
    probability: (p) => (p < 0.001 ? '< 0.001' : `= ${decimal(p, 3)}`),
    duration: (seconds) => duration(seconds, lang, decimal),
    bytes: (bytes) => sizeText(bytes, decimal),
    dateTime: (iso) => dateTime(iso, lang),
    list: (items) => items.join(lang === 'zh' ? '、' : ', '),
  }
}

function duration(seconds: number, lang: Lang, decimal: Formats['decimal']): string {
  const units = lang === 'zh' ? ['小时', '分', '秒'] : ['h', 'min', 's']
  if (seconds < 10) return `${decimal(seconds, 1)} ${units[2]}`
  const whole = Math.round(seconds)
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  const first = parts.findIndex((part) => part > 0)
  // Two neighbouring units are precise enough: hours and minutes, or minutes and seconds.
  return parts
    .map((part, i) => `${part} ${units[i]}`)
    .slice(first, first + 2)
    .join(' ')
}

/** Decimal units, as file managers and memory shops print them. */
function sizeText(bytes: number, decimal: Formats['decimal']): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3))
  const value = bytes / 1000 ** power
  return `${decimal(value, power === 0 || value >= 100 ? 0 : 1)} ${units[power]}`
}

function dateTime(iso: string, lang: Lang): string {
  const match = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.exec(iso)
  if (match === null) return iso
  const [, year, month, day, time, offset] = match as unknown as [string, string, string, string, string, string]
  const zone = offset === 'Z' || /^[+-]00:00$/.test(offset) ? 'UTC' : `UTC${offset.replace('-', '−')}`
  if (lang === 'zh') return `${year}年${Number(month)}月${Number(day)}日 ${time}（${zone}）`
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? month} ${year}, ${time} (${zone})`
}
