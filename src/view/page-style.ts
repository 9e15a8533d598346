import { darkPalette, lightPalette, type Palette } from "./palette.js";

const variables = (palette: Palette) =>
  Object.entries(palette)
    .map(([name, colour]) => `--${name}:${colour}`)
    .join(";");

/** What every page of one file has: light or dark as the reader's system has it, one column on a phone. */
export const baseStyle = `
:root{color-scheme:light dark;${variables(lightPalette)}}
@media (prefers-color-scheme:dark){:root{${variables(darkPalette)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
main{max-width:1180px;margin:0 auto;padding:clamp(16px,4vw,40px)}
h1{font-size:clamp(1.35rem,1rem + 1.6vw,2rem);line-height:1.2;letter-spacing:-.015em;margin:0 0 .25em;text-wrap:balance}
figure{margin:0}
.muted,figcaption,header p{color:var(--muted)}
`.trim();

/** The style sheet of an inspection's page; plain on paper. */
export const pageStyle = `
${baseStyle}
h2{font-size:1rem;margin:0 0 .6em}
p{margin:0 0 .5em}
code,.number{font-variant-numeric:tabular-nums;font-family:inherit}
dl.tiles{display:flex;flex-wrap:wrap;gap:1px;background:var(--line);border:1px solid var(--line);border-radius:10px;overflow:hidden;margin:22px 0 28px}
.tiles div{flex:1 1 125px;background:var(--card);padding:12px 16px}
.tiles dt{color:var(--muted);font-size:.82rem}
.tiles dd{margin:0;font-size:1.3rem;font-weight:600;font-variant-numeric:tabular-nums}
.tiles small{display:block;font-size:.78rem;font-weight:400;color:var(--muted)}
.work{display:grid;grid-template-columns:minmax(0,1fr) 300px;gap:24px;align-items:start}
.layers{display:flex;gap:4px;border:0;margin:0 0 10px;padding:0}
.layers label{cursor:pointer;border-radius:7px;padding:4px 12px;color:var(--muted)}
.layers label:has(:checked){background:var(--card);color:var(--ink);box-shadow:inset 0 0 0 1px var(--line)}
.layers label:has(:focus-visible){outline:2px solid var(--sample);outline-offset:1px}
.layers input{position:absolute;opacity:0;pointer-events:none}
.layer{display:none}
main:has(#show-kept:checked) .layer-kept,main:has(#show-attention:checked) .layer-attention,main:has(#show-merged:checked) .layer-merged{display:inline}
#stage{display:block;width:100%;border-radius:8px;overflow:hidden;touch-action:manipulation;cursor:crosshair;line-height:0}
#stage>svg{width:100%;height:auto;display:block}
:focus-visible{outline:2px solid var(--sample);outline-offset:2px}
.trace{pointer-events:none}
.trace line{stroke-width:1.6;stroke-linecap:round}
.trace .linked{fill:#fff;stroke:#fff;stroke-width:1.5}
.trace .own{fill:none;stroke-width:3.5}
#stage .layer{transition:opacity .12s}
#stage[data-tracing] .marks{opacity:.35}
.views{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;padding:0;margin:6px 0 0;font-size:.82rem;color:var(--muted);font-variant-numeric:tabular-nums}
.ramp{width:9em;height:.7em;border-radius:3px;align-self:center}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;margin:12px 0 0;font-size:.88rem;color:var(--muted)}
.legend li::before{content:"";display:inline-block;width:.72em;height:.72em;margin-inline-end:.5em;border:2px solid currentColor;border-radius:2px}
.legend .kind-outlier::before,.legend .kind-kept::before{border-color:var(--outlier);background:color-mix(in srgb,var(--outlier) 30%,transparent)}
.legend .kind-sample::before{border-color:var(--sample);background:color-mix(in srgb,var(--sample) 30%,transparent)}
aside{position:sticky;top:16px;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px 18px;min-height:16rem;font-size:.92rem}
aside h2{font-size:1.05rem;border-inline-start:4px solid var(--line);padding-inline-start:.55em}
aside .kind-outlier,aside .kind-kept{border-color:var(--outlier)}
aside .kind-sample{border-color:var(--sample)}
aside ul{list-style:none;margin:.8em 0 0;padding:0}
aside li{display:grid;grid-template-columns:minmax(4.4em,max-content) 1fr 5.2em;gap:10px;align-items:center;color:var(--muted)}
aside li code{text-align:end;font-size:.85rem}
aside li:not(:has(button)){display:block;padding-top:.4em}
aside button{font:inherit;color:var(--ink);background:none;border:0;padding:1px 0;text-align:start;cursor:pointer;text-decoration:underline;text-decoration-color:var(--line);text-underline-offset:3px}
aside button:hover{text-decoration-color:currentColor}
.track{background:var(--line);border-radius:3px;height:6px;overflow:hidden;min-width:24px}
.bar{display:block;height:100%;background:var(--muted);border-radius:3px}
section{margin-top:34px}
.histogram{display:block;width:100%;height:150px;overflow:visible}
.histogram *{vector-effect:non-scaling-stroke}
figcaption{font-size:.88rem;margin-top:2px}
.tokens{display:flex;flex-wrap:wrap;gap:4px;list-style:none;padding:0;margin:12px 0 0}
.tokens button{display:block;padding:0;border:2px solid var(--line);border-radius:4px;background:var(--card);width:36px;height:36px;overflow:hidden;cursor:pointer;color:var(--ink);font:600 15px/32px inherit}
.tokens .kind-outlier,.tokens .kind-kept{border-color:var(--outlier)}
.tokens .kind-sample{border-color:var(--sample)}
.tokens button[aria-current]{outline:3px solid var(--ink);outline-offset:1px}
.tokens svg{display:block;width:100%;height:100%}
kbd{font:inherit;font-size:.82em;border:1px solid var(--line);border-bottom-width:2px;border-radius:4px;padding:0 .35em}
table{border-collapse:collapse;font-size:.9rem}
td,th{text-align:start;padding:3px 20px 3px 0;font-weight:400;vertical-align:top}
th{color:var(--muted)}
summary{cursor:pointer;color:var(--muted)}
@media (max-width:860px){.work{grid-template-columns:minmax(0,1fr)}aside{position:static;min-height:0}}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media print{aside,.layers,.hint{display:none}}
`.trim();
