import { type Html, html, type Part } from '../html.ts'
import type { TextKey, Texts } from '../texts/index.ts'

/** A titled part of the report. */
export const section = (texts: Texts, key: TextKey, body: Part): Html =>
  html`<section><h2>${texts.plain(key)}</h2>${body}</section>`

/** Name and value pairs; pairs without a value are left out. */
export function facts(pairs: readonly (readonly [name: Part, value: Part])[], style = ''): Html {
  const shown = pairs.filter(([, value]) => value !== undefined && value !== false && value !== '')
  return html`<dl class="facts ${style}">${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
}

export interface Column {
  head: Part
  /** Numbers stand right-aligned in tabular figures. */
  num?: boolean
  style?: string
}

export function table(columns: readonly Column[], rows: readonly (readonly Part[])[], style = ''): Html {
  const cls = ({ num, style: own = '' }: Column) => `${num ? 'num ' : ''}${own}`.trim()
  const cell = (part: Part, c: number) => html`<td class="${cls(columns[c] as Column)}">${part}</td>`
  return html`<table class="${style}"><thead><tr>${columns.map((column) => html`<th scope="col" class="${cls(column)}">${column.head}</th>`)}</tr></thead><tbody>${rows.map((row) => html`<tr>${row.map(cell)}</tr>`)}</tbody></table>`
}

export interface LegendEntry {
  style: 'before' | 'after' | 'raw' | 'smooth' | 'dot'
  text: Part
}

/** A drawing with its heading, legend and explanation. */
export function figure(title: Part, legend: readonly LegendEntry[], drawing: Part, caption?: Part): Html {
  const entries = legend.map(({ style, text }) => html`<span class="key"><i class="${style}"></i>${text}</span>`)
  return html`<figure><figcaption><h3>${title}</h3>${entries.length > 0 && html`<span class="legend">${entries}</span>`}</figcaption>${drawing}${caption !== undefined && html`<p class="small">${caption}</p>`}</figure>`
}

/** A digest in groups of eight, so that two can be compared by eye. */
export const digest = (hex: string): Html =>
  html`<code class="digest">${(hex.slice(0, 128).match(/.{1,8}/gsu) ?? []).map((group) => html`<span>${group}</span>`)}</code>`
