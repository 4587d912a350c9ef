#include "host/report/page_assets.hpp"

namespace phigrad {

// The colours are told apart by people with any of the common colour-vision deficiencies.
const std::string_view page_style = R"css(
:root {
  color-scheme: light dark;
  --page: #f6f7f8; --card: #ffffff; --ink: #1b1f24; --soft: #59626d; --rule: #e2e5e9;
  --task: #8a939e; --c0: #1f63b5; --c1: #c2560c; --c2: #0b7d6e; --c3: #8a4ba0; --c4: #9a7400;
  --c5: #b8325a;
}
@media screen and (prefers-color-scheme: dark) {
  :root:not(.print) {
    --page: #121518; --card: #1a1e23; --ink: #e8eaed; --soft: #9ba4af; --rule: #2d333b;
    --task: #7d8793; --c0: #6ea8f0; --c1: #f0944d; --c2: #45c2ac; --c3: #c696dd; --c4: #d9b548;
    --c5: #f07f9f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans",
    sans-serif;
}
main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 32px; }
header { margin-bottom: 28px; }
.eyebrow { margin: 0; color: var(--soft); font-size: 13px; letter-spacing: .04em; }
h1 { margin: 2px 0 14px; font-size: 30px; line-height: 1.2; font-weight: 650;
  letter-spacing: -.01em; overflow-wrap: anywhere; }
h2 { margin: 0; font-size: 16px; line-height: 1.4; font-weight: 600; overflow-wrap: anywhere; }
.verdict { margin: 0; padding: 2px 0 2px 14px; border-left: 3px solid var(--c0); font-size: 17px;
  max-width: 75ch; overflow-wrap: anywhere; }
main > section { margin-top: 20px; }
figure { margin: 0; }
.card, figure { padding: 18px 20px; background: var(--card);
  border: 1px solid var(--rule); border-radius: 8px; min-width: 0; }
.grid { display: grid; gap: 20px; grid-template-columns: repeat(2, minmax(0, 1fr)); }
.grid:has(details[open]) { align-items: start; }
.grid > figure:last-child:nth-child(odd) { grid-column: 1 / -1; }
.title { display: flex; flex-wrap: wrap; gap: 4px 16px; align-items: center;
  justify-content: space-between; min-height: 30px; margin-bottom: 8px; }
.plot { position: relative; height: 300px; }
figcaption { margin-top: 10px; color: var(--soft); font-size: 14px; line-height: 1.45;
  overflow-wrap: anywhere; }
.key { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0 0 8px; padding: 0;
  list-style: none; color: var(--soft); font-size: 14px; }
.key i { display: inline-block; width: 18px; margin-right: 7px; vertical-align: 4px;
  border-top: 3px solid var(--colour); }
.key i.dashed { border-top-style: dashed; }
.key i.dotted { border-top-style: dotted; }
.key i.task { border-top-style: dashed; border-top-width: 2px; }
.key i.target { width: auto; border: 0; vertical-align: 0; }
.key i.target::before { content: "\2715"; color: var(--colour); font-style: normal; }
.strip { grid-column: 1 / -1; }
.strip svg { display: block; width: 100%; min-width: 560px; height: auto; }
.strip text { fill: var(--soft); font-size: 10px; }
.strip .links { fill: none; stroke: var(--colour); stroke-width: 2.5; stroke-linejoin: round; }
.strip .joint { fill: var(--colour); }
.strip .goal { fill: none; stroke: var(--task); stroke-width: 1.5; }
.scale { display: inline-flex; border: 1px solid var(--rule); border-radius: 6px;
  overflow: hidden; }
.scale button { border: 0; padding: 4px 10px; background: none; color: var(--soft);
  font: inherit; font-size: 13px; cursor: pointer; }
.scale button[aria-pressed="true"] { background: var(--rule); color: var(--ink); }
.scale button:focus-visible, summary:focus-visible { outline: 2px solid var(--c0);
  outline-offset: -2px; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-size: 15px;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: 10px; color: var(--soft); font-size: 14px; }
caption b { display: block; color: var(--ink); font-size: 16px; font-weight: 600; }
th, td { padding: 8px 0 8px 24px; text-align: right; white-space: nowrap;
  border-top: 1px solid var(--rule); font-weight: 400; }
th:first-child, td:first-child { padding-left: 0; text-align: left; white-space: normal; }
tbody th { min-width: 10em; }
thead th { border-top: 0; color: var(--soft); font-size: 13px; vertical-align: bottom; }
td small { color: var(--soft); font-size: 13px; }
details { margin-top: 10px; font-size: 14px; }
summary { color: var(--soft); cursor: pointer; }
figure details table, .card details table { margin-top: 8px; font-size: 13px; }
figure details th, figure details td { padding: 4px 0 4px 16px; }
dl { display: grid; grid-template-columns: minmax(120px, auto) minmax(0, 1fr); gap: 6px 24px;
  margin: 10px 0 0; font-size: 15px; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
pre, code { font: 13px/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono",
  monospace; }
pre { margin: 10px 0 0; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
code { user-select: all; }
footer, .note { color: var(--soft); font-size: 13px; }
footer { margin-top: 28px; }
.note { margin: 20px 0 0; }
@media screen and (max-width: 820px) {
  main { padding: 24px 14px; }
  h1 { font-size: 25px; }
  .grid { grid-template-columns: minmax(0, 1fr); gap: 14px; }
  main > section { margin-top: 14px; }
  .card, figure { padding: 14px; }
  .plot { height: 270px; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin-bottom: 8px; }
  th, td { padding-left: 12px; }
  thead th { white-space: normal; }
  tbody th { min-width: 7em; }
  td small { display: block; }
}
@media print {
  @page { margin: 14mm; }
  body { background: none; }
  main { max-width: none; padding: 0 1px; }
  .scale, summary { display: none; }
  .card, figure { break-inside: avoid; padding: 12px; }
  .card.config, .card:has(> .scroll > table), .card:has(> ul) { break-inside: auto; }
  tr { break-inside: avoid; }
  .grid { gap: 12px; }
  .title { min-height: 0; }
  .plot { height: auto; }
  .plot canvas { width: 100% !important; height: auto !important; }
}
)css";

}  // namespace phigrad
