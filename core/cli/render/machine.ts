import type { BatchView, DoctorReport, Forecast } from '../../contract/app.ts'
import { isMessageKey, type Lang, message } from '../../contract/messages/index.ts'
import { byteSize, duration, printable, table } from '../text.ts'
import { renderGeneric } from './generic.ts'

export function renderDoctor({ checks }: DoctorReport, lang: Lang): string {
  const header = (['column.check', 'column.result', 'column.value'] as const).map((key) => message(lang, key))
  const rows = checks.map(({ name, ok, value }) => [
    checkName(name, lang),
    message(lang, ok ? 'check.ok' : 'check.failed'),
    value,
  ])
  return table(header, rows)
}

function checkName(name: string, lang: Lang): string {
  const key = `doctor.${name}`
  return isMessageKey(key) ? message(lang, key) : printable(name)
}

export function renderForecast(forecast: Forecast, lang: Lang): string {
  const { seconds, peakMemoryBytes, diskBytes, fits, steps, rows, tokens, plan } = forecast
  return [
    message(lang, fits ? 'forecast.fits' : 'forecast.doesNotFit'),
    message(lang, 'forecast.needs', {
      time: duration(lang, seconds),
      memory: byteSize(peakMemoryBytes),
      disk: byteSize(diskBytes),
    }),
    message(lang, 'forecast.work', { steps, rows, tokens }),
    ...(Object.keys(plan).length === 0 ? [] : [renderGeneric({ plan })]),
    ...(forecast.firstBatch === undefined ? [] : ['', renderBatch(forecast.firstBatch, lang)]),
  ].join('\n')
}

/** A batch as the model sees it: what is learned stands in ⟦brackets⟧. */
function renderBatch({ sharedPrefix, sharedTokens, rows }: BatchView, lang: Lang): string {
  const shown = rows.map(({ tokens }, i) => {
    const text = tokens.map(({ text, supervised }) => (supervised ? `⟦${text}⟧` : text)).join('')
    return `${i + 1}. ${printable(text.replaceAll('⟧⟦', '')).replaceAll('\n', '↵')}`
  })
  const prefix = printable(sharedPrefix).replaceAll('\n', '↵')
  return [message(lang, 'forecast.firstBatch', { rows: rows.length, tokens: sharedTokens }), prefix, '', ...shown].join(
    '\n',
  )
}
