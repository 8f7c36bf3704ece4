/** The look: one accent colour, dark ink on white, hairlines, tabular figures; prints on A4. */
export const STYLE = `
:root{color-scheme:light;--ink:#18222d;--soft:#4a5663;--faint:#687480;--line:#e4e8ec;--wash:#f6f8f9;--grey:#b9c2cb;--accent:#0b766e;--tint:#e4f2f0}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:#fff;color:var(--ink);font:15px/1.65 system-ui,-apple-system,"Segoe UI","PingFang SC","Hiragino Sans GB","Microsoft YaHei UI","Microsoft YaHei","Noto Sans CJK SC","Source Han Sans SC","WenQuanYi Micro Hei",sans-serif;font-variant-numeric:tabular-nums;text-rendering:optimizeLegibility}
main{max-width:920px;margin:0 auto;padding:56px 40px 72px}
h1,h2,h3,p,dl,dd,ol,ul,figure{margin:0;padding:0}
bdi{overflow-wrap:anywhere}
header{display:grid;grid-template-columns:1fr auto;row-gap:26px;align-items:center}
.brand{display:flex;align-items:center;gap:9px;color:var(--accent);font-weight:600;letter-spacing:.01em}
.mark{width:24px;height:24px}
.stamp{color:var(--faint);font-size:13.5px}
h1{grid-column:1/-1;font-size:25px;line-height:1.3;font-weight:650;letter-spacing:-.01em;overflow:hidden}
.sub{grid-column:1/-1;margin-top:-21px;color:var(--faint);font-size:14px}
.verdict{margin-top:30px;padding:30px 34px 26px;background:var(--wash);border-radius:14px}
.badge{display:inline-block;padding:2px 12px;border-radius:99px;font-size:13px;font-weight:600;line-height:1.75}
.badge.good{background:var(--accent);color:#fff}
.badge.plain{background:#fff;color:var(--ink);box-shadow:inset 0 0 0 1.5px var(--ink)}
.headline{margin:14px 0 10px;font-size:27px;line-height:1.42;font-weight:600;letter-spacing:-.012em;text-wrap:balance}
:lang(zh) .headline{letter-spacing:0}
.headline b{font-weight:700}.better .headline b.after{color:var(--accent)}.headline b.before{color:var(--faint)}
.detail{color:var(--soft);text-wrap:pretty}
.detail+.detail{margin-top:4px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:18px;margin-top:24px;padding-top:20px;border-top:1px solid var(--line)}
.figures div{display:flex;flex-direction:column}
.figures .name{font-size:13px;color:var(--faint)}
.figures .value{font-size:24px;font-weight:600;line-height:1.4;letter-spacing:-.01em;white-space:nowrap}
.figures .below{font-size:13px;color:var(--faint)}
section{margin-top:52px}
h2{font-size:19px;line-height:1.35;font-weight:650;margin-bottom:18px;padding-bottom:10px;border-bottom:1px solid var(--line)}
h3{font-size:15px;line-height:1.4;font-weight:600}
section>h3,section h3:not(figcaption h3){margin:30px 0 10px}
.small{font-size:13.5px;color:var(--faint);margin-top:8px;text-wrap:pretty}
p+table,.small+table{margin-top:12px}
section p+p{margin-top:8px}
.story{list-style:none;counter-reset:story}
.story li{counter-increment:story;position:relative;padding-left:36px;margin-bottom:10px;max-width:84ch;text-wrap:pretty}
.story li::before{content:counter(story);position:absolute;left:0;top:1px;width:22px;height:22px;border-radius:50%;background:var(--tint);color:var(--accent);font-size:12.5px;font-weight:650;line-height:22px;text-align:center}
.remark{margin-top:12px;padding-left:14px;border-left:2px solid var(--grey);color:var(--soft)}
.columns{display:grid;grid-template-columns:1fr 1fr;column-gap:44px}
.facts div{display:flex;justify-content:space-between;gap:20px;padding:7px 0;border-bottom:1px solid var(--line)}
.facts dt{color:var(--faint);flex:0 1 auto;max-width:62%}
.facts dd{flex:0 1 auto;max-width:74%;text-align:right;text-wrap:pretty;overflow-wrap:anywhere}
.facts.wide div,.facts.prompt div{display:grid;grid-template-columns:190px minmax(0,1fr)}
.facts.wide dt,.facts.prompt dt,.facts.wide dd,.facts.prompt dd{max-width:none;text-align:left}
.pre{white-space:pre-wrap}
code{font:13px/1.6 ui-monospace,SFMono-Regular,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
.digest span{margin-right:.55em;display:inline-block;color:var(--soft)}
table{width:100%;border-collapse:collapse;font-size:14px;line-height:1.5}
th{font-weight:500;color:var(--faint);text-align:left;vertical-align:bottom;padding:0 10px 8px 0;border-bottom:1.5px solid var(--ink);font-size:13px}
td{padding:8px 10px 8px 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
th:last-child,td:last-child{padding-right:0}
td.num,th.num{text-align:right;overflow-wrap:normal}
td.num{white-space:nowrap}
td b{font-weight:600}
small{font-size:12.5px;color:var(--faint);white-space:nowrap}
.results td small{display:block}
.results td.main b{color:var(--accent)}
.results th:last-child{width:21%}
.classes td{padding-top:6px;padding-bottom:6px}
.classes td:first-child{min-width:130px}
.predictions{table-layout:fixed}
.predictions .quote{width:49%;padding-right:22px}
.predictions tbody tr{line-height:1.55}
figure{margin:26px 0 30px}
figcaption{display:flex;justify-content:space-between;align-items:baseline;gap:20px;flex-wrap:wrap;margin-bottom:12px}
.legend{display:flex;gap:18px;font-size:13px;color:var(--faint)}
.key{display:flex;align-items:center;gap:7px}
.key i{width:14px;height:8px;border-radius:2px;background:var(--grey)}
.key i.after,.key i.smooth{background:var(--accent)}
.key i.raw,.key i.smooth{height:2.5px}
.key i.dot{width:8px;border-radius:50%;background:#fff;box-shadow:inset 0 0 0 2px var(--ink)}
figure svg{display:block;width:100%;height:auto;overflow:hidden}
.bars.two{display:grid;grid-template-columns:1fr 1fr;gap:20px 24px;align-items:start}
.matrix{max-width:840px}
svg text{font-size:12.5px;fill:var(--ink);unicode-bidi:isolate}
.bars.two text{font-size:11.5px}
svg .tick{fill:var(--faint);font-size:11.5px}
svg .num{fill:var(--soft)}
svg text.num.after{fill:var(--accent);font-weight:650;font-size:14px}
svg rect.before{fill:var(--grey)}svg rect.after{fill:var(--accent)}
svg .axis,svg .grid{stroke:var(--line);stroke-width:1;fill:none}
svg .axis{stroke:var(--grey)}
svg .whisker{stroke:var(--faint);stroke-width:1.6;fill:none}svg .whisker.after{stroke:var(--accent);stroke-width:2}
svg circle.before{fill:var(--soft)}svg circle.after{fill:var(--accent)}svg circle.majority{fill:#fff;stroke:var(--soft);stroke-width:2}
svg rect.right{fill:var(--accent)}svg rect.wrong{fill:var(--ink)}
svg .frame{fill:#fff;stroke:var(--line);stroke-width:1}
svg text.on{fill:#fff}
svg .raw{fill:none;stroke:var(--grey);stroke-width:1.3}svg .smooth{fill:none;stroke:var(--accent);stroke-width:2.2;stroke-linejoin:round}
svg .dot{fill:#fff;stroke:var(--ink);stroke-width:2}
.notes{list-style:none}
.notes li{position:relative;padding-left:20px;margin-bottom:9px;text-wrap:pretty}
.notes li::before{content:"";position:absolute;left:3px;top:.68em;width:5px;height:5px;border-radius:50%;background:var(--accent)}
footer{margin-top:60px;padding-top:16px;border-top:1px solid var(--line);display:flex;justify-content:space-between;gap:20px;flex-wrap:wrap;font-size:13px;color:var(--faint)}
@media (max-width:680px){main{padding:28px 18px 48px}.columns,.bars.two{grid-template-columns:1fr}.verdict{padding:22px 18px}.headline{font-size:22px}table{display:block;overflow-x:auto}}
@page{size:A4;margin:15mm 14mm 16mm}
@media print{
body{font-size:10.2pt;line-height:1.55;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;padding:0}
section{margin-top:30px}
.verdict{margin-top:20px;padding:20px 24px 18px}
.headline{font-size:18pt}
table,small,.small,.legend{font-size:8.8pt}small{font-size:8pt}
.figures{grid-template-columns:none;grid-auto-flow:column;grid-auto-columns:1fr;margin-top:16px;padding-top:14px}.figures .value{font-size:15pt}.figures .name,.figures .below{font-size:8.6pt}
td{padding-top:5px;padding-bottom:5px}.classes td{padding-top:3px;padding-bottom:3px}.facts div{padding:4px 0}code{font-size:7.4pt}.facts.wide div{grid-template-columns:124px minmax(0,1fr)}
footer{margin-top:28px}
h2,h3,figcaption,thead{break-after:avoid}
tr,figure svg,.verdict,.facts div,.story li,.notes li,figcaption{break-inside:avoid}
figure{break-inside:auto;margin:16px 0 18px}
thead{display:table-header-group}
}
`.replaceAll('\n', '')
