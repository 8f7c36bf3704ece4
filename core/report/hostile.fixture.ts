import type { ReportData } from '../contract/domain/report.ts'

const u = (...points: number[]): string => String.fromCodePoint(...points)

/** Strings that try to become markup, script, style or another text than they are. */
export const HOSTILE: readonly string[] = [
  '<script>alert(1)</script>',
  '<SCRIPT SRC=//x.invalid/a.js></SCRIPT>',
  '<scr<script>ipt>alert(1)</scr</script>ipt>',
  '</title><script>alert(1)</script>',
  '</style><script>alert(1)</script>',
  '</svg><script>alert(1)</script>',
  '</text></svg><img src=x onerror=alert(1)>',
  '</bdi></td></tr></table><form action=//x.invalid><input name=a>',
  '</main></body></html><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<img src="data:image/svg+xml,<svg onload=alert(1)>">',
  '<svg onload=alert(1)>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<svg><use href="data:image/svg+xml,x#y"></use></svg>',
  '<svg><foreignObject><body onload=alert(1)></foreignObject></svg>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<iframe src=javascript:alert(1)>',
  '<object data=javascript:alert(1)>',
  '<embed src=//x.invalid/a.swf>',
  '<meta http-equiv=refresh content="0;url=//x.invalid">',
  '<meta http-equiv="Content-Security-Policy" content="script-src *">',
  '<base href=//x.invalid/>',
  '<link rel=stylesheet href=//x.invalid/a.css>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href=" &#106;avascript:alert(1)">x</a>',
  '<form><button formaction=javascript:alert(1)>x',
  '<details open ontoggle=alert(1)>',
  '<video><source onerror=alert(1)>',
  '<input autofocus onfocus=alert(1)>',
  '<body onload=alert(1)>',
  '<marquee onstart=alert(1)>',
  '<template><script>alert(1)</script></template>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<textarea></textarea><script>alert(1)</script>',
  '<xmp></xmp><script>alert(1)</script>',
  '<plaintext>',
  '<!--><script>alert(1)</script>-->',
  '<!-- --!><script>alert(1)</script>',
  '<![CDATA[<script>alert(1)</script>]]>',
  '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]>&y;',
  '"><script>alert(1)</script>',
  "'><script>alert(1)</script>",
  '" onmouseover="alert(1)" x="',
  "' onmouseover='alert(1)' x='",
  '`onmouseover=alert(1)',
  '" style="background:url(//x.invalid/a)" y="',
  'x;}body{background:url(//x.invalid/a)}',
  '@import "//x.invalid/a.css";',
  'expression(alert(1))',
  'javascript:alert(1)//',
  'data:text/html,<script>alert(1)</script>',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '&#60;script&#62;alert(1)&#60;/script&#62;',
  '&amp;lt;img src=x onerror=alert(1)&amp;gt;',
  '+ADw-script+AD4-alert(1)+ADw-/script+AD4-',
  `<scr${u(0)}ipt>alert(1)</scr${u(0)}ipt>`,
  `<img${u(0x0c)}src=x${u(0x0b)}onerror=alert(1)>`,
  `${u(0xff1c)}script${u(0xff1e)}alert(1)${u(0xff1c)}/script${u(0xff1e)}`,
  '{label} {after} {n:row|rows} {{7*7}} #{7*7} <%= 7*7 %>',
  "$& $` $' $1 $$ \\u003cscript\\u003e",
  '__proto__',
  'constructor',
  // bidi overrides, isolates and marks
  `abc${u(0x202e)}gnp.exe${u(0x202c)}`,
  `${u(0x2067)}rtl isolate never closed`,
  `${u(0x202d)}${u(0x202a)}${u(0x202b)}nested${u(0x2069)}`,
  `admin${u(0x200f)}${u(0x061c)}nimda`,
  `pay${u(0x200b)}pal ${u(0xfeff)}${u(0x2060)}${u(0x00ad)}zero width`,
  `tags ${u(0xe0041, 0xe0042, 0xe007f)} hidden`,
  `fillers ${u(0x3164)}${u(0x115f)}${u(0x2800)}${u(0xffa0)} end`,
  // control characters and terminal sequences
  `${u(27)}[2J${u(27)}[31mred${u(27)}]0;title${u(7)}`,
  `${u(0x9b)}31mred${u(0x90)}payload${u(0x9c)}`,
  `line one\r\nline two\rover\nthree\tend`,
  `back${u(8)}${u(8)}${u(8)}${u(127)}spaced`,
  `separators ${u(0x2028)}${u(0x2029)}${u(0x85)} end`,
  `private ${u(0xe000)}${u(0xf8ff)}${u(0x10fffd)} non ${u(0xfffe)}${u(0xfdd0)}`,
  'lone \ud83d and \udc00 surrogates',
  // stacked marks, long words, right-to-left text
  `z${u(...Array.from({ length: 300 }, (_, i) => 0x300 + (i % 80)))}algo`,
  'w'.repeat(3000),
  `${u(0x1f468)}${u(0x200d)}`.repeat(900),
  'مرحبا 12 <b>שלום</b> "34"',
  ' leading and trailing ',
]

/** Members whose strings are words of ours, not data. */
const WORDS = new Set(['kind', 'task', 'scoring', 'role', 'findings', 'action', 'schemaVersion'])
const KEYED_BY_DATA = new Set(['classes', 'classesBefore', 'perClass', 'perClassF1', 'confusion', 'personalData'])

/** Puts a payload into every field: strings become it, labels and record keys become it with a number. */
export function poison(data: ReportData, payload: string): ReportData {
  const labels = data.evaluation?.kind === 'classification' ? data.evaluation.labels : []
  const names = new Map(labels.map((label, i) => [label, `${payload}${i}`]))
  const rename = (key: string) => names.get(key) ?? `${payload} ${key}`
  const walk = (value: unknown, under: string): unknown => {
    if (typeof value === 'string') return WORDS.has(under) ? value : (names.get(value) ?? payload)
    if (Array.isArray(value)) return value.map((item) => walk(item, under))
    if (typeof value !== 'object' || value === null) return value
    const keyed = KEYED_BY_DATA.has(under)
    return Object.fromEntries(
      // A line of the confusion table is keyed by labels too; a class's scores are not.
      Object.entries(value).map(([key, item]) => [
        keyed ? rename(key) : key,
        walk(item, keyed && under === 'confusion' ? 'classes' : keyed ? 'score' : key),
      ]),
    )
  }
  return walk(data, '') as ReportData
}
