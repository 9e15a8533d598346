import { plotVariables } from "../../view/plot-svg.js";

/** The page's style sheet: light or dark as the reader's system has it, black on white on paper. */
export const pageStyle = `
:root{color-scheme:light dark;--card:#f5f7f9;${plotVariables("light")}}
@media screen and (prefers-color-scheme:dark){:root{--card:#161c22;${plotVariables("dark")}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:clamp(16px,4vw,40px)}
h1{font-size:clamp(1.35rem,1rem + 1.6vw,2rem);line-height:1.2;letter-spacing:-.015em;margin:0 0 .25em}
h2{font-size:1.2rem;margin:2.6em 0 .4em;padding-top:.6em;border-top:1px solid var(--line)}
h3{font-size:1rem;margin:0 0 .2em}
p{margin:0 0 .6em;max-width:78ch}
a{color:inherit}
.muted,figcaption,header p{color:var(--muted)}
.notes{list-style:none;margin:1em 0;padding:.6em 1em;border-inline-start:4px solid var(--series-0);background:var(--card)}
.notes li+li{margin-top:.4em}
.legend{display:flex;flex-wrap:wrap;gap:4px 20px;list-style:none;padding:0;margin:.6em 0 1em;font-size:.9rem}
.legend svg{width:34px;height:12px;margin-inline-end:.5em;vertical-align:-1px;overflow:visible}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,345px),1fr));gap:26px 20px}
.single{max-width:560px}
.figures.two{grid-template-columns:repeat(auto-fill,minmax(min(100%,345px),1fr));max-width:760px;margin-bottom:22px}
.figures.wide{grid-template-columns:repeat(auto-fill,minmax(min(100%,540px),1fr))}
figure{margin:0;break-inside:avoid}
figure>svg,.panel>svg{display:block;width:100%;height:auto;overflow:visible;color:var(--ink)}
figcaption{font-size:.85rem}
.scroll{overflow-x:auto;margin:1em 0;break-inside:avoid}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums}
.caption{font-weight:600;margin:1.2em 0 -.6em}
td,th{text-align:end;padding:4px 16px 4px 0;white-space:nowrap;border-bottom:1px solid var(--line);font-weight:400}
th{color:var(--muted);vertical-align:bottom}
td:first-child,th:first-child{text-align:start;color:var(--ink)}
td small{color:var(--muted);font-size:.88em}
table.plain td{text-align:start;white-space:normal;overflow-wrap:anywhere}
td strong{font-weight:600}
.examples{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,340px),1fr));gap:18px}
article{border:1px solid var(--line);border-radius:10px;padding:14px;break-inside:avoid;background:var(--card)}
article h3{font-weight:400;overflow-wrap:anywhere}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:8px;margin-top:8px}
.panel svg{border-radius:5px}
.panel p{margin:.4em 0 0;font-size:.9rem;overflow-wrap:anywhere}
.panel .muted{font-size:.8rem}
.right::before{content:"right ";color:var(--series-3);font-weight:600}
.wrong::before{content:"wrong ";color:var(--series-4);font-weight:600}
.partly::before{content:attr(data-credit) " right ";color:var(--series-5);font-weight:600}
.tag{border:1px solid var(--line);border-radius:99px;padding:0 .6em;font-size:.78rem;color:var(--muted)}
pre{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:12px 14px;overflow-x:auto;font-size:.85rem;white-space:pre-wrap;overflow-wrap:anywhere}
text{white-space:pre}
details{margin:.6em 0}
summary{cursor:pointer;color:var(--muted)}
@media screen and (max-width:640px){td:first-child,th:first-child{position:sticky;left:0;background:var(--paper);max-width:42vw;white-space:normal;z-index:1}td,th{padding-inline-end:12px}th{white-space:normal}td small{display:block}.figures.wide figure{overflow-x:auto}.figures.wide figure>svg{min-width:520px}.scroll{background:linear-gradient(to left,var(--card),transparent 22px) right/100% 100% no-repeat}}
@media print{html{font-size:11px;print-color-adjust:exact}body{font-size:11px}main{max-width:none;padding:0}p,.figures.two,.single{max-width:none}.single{width:62%}.figures{grid-template-columns:repeat(3,1fr)}.figures.two,.figures.wide{grid-template-columns:1fr 1fr}.examples{grid-template-columns:repeat(3,1fr)}h2{margin-top:1.6em}h2,h3,section>p,.legend,.caption{break-after:avoid}}
`.trim();
