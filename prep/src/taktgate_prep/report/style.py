"""How the pages look: light, quiet, the same on paper."""

STYLE = """
:root { --ink: #1d2329; --soft: #59636e; --line: #d5dae0; --paper: #ffffff; --tint: #f4f6f8;
  --good: #1b7f4b; --warn: #a15c00; --bad: #b3261e; --one: #2463a8; --two: #c05a1c; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial, sans-serif; }
main { max-width: 1060px; margin: 0 auto; padding: 28px 24px 60px; }
h1 { font-size: 25px; line-height: 1.25; margin: 0 0 2px; }
h2 { font-size: 18px; margin: 34px 0 10px; padding-top: 14px; border-top: 1px solid var(--line); }
h3 { font-size: 15px; margin: 18px 0 6px; }
p { margin: 6px 0; max-width: 78ch; }
.soft, figcaption, .note { color: var(--soft); font-size: 13px; }
.verdicts { list-style: none; padding: 0; margin: 18px 0 4px; display: grid; gap: 8px; }
.verdicts li { padding: 9px 14px; border-left: 5px solid var(--soft); background: var(--tint); font-size: 16px; }
.verdicts li b { margin-right: 6px; }
.verdicts .good { border-color: var(--good); } .verdicts .good b { color: var(--good); }
.verdicts .warn { border-color: var(--warn); } .verdicts .warn b { color: var(--warn); }
.verdicts .bad { border-color: var(--bad); } .verdicts .bad b { color: var(--bad); }
.scroll { overflow-x: auto; margin: 8px 0; }
table { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 12px 4px 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child { text-align: left; } thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 500; } td.hit { background: #e3f1e9; } td.off { background: #fbe9e7; font-weight: 600; }
.confusion td { text-align: center; padding: 4px 9px; } .text td { text-align: left; }
thead th { white-space: normal; vertical-align: bottom; }
.fit { width: 100%; font-size: 12.5px; } .fit th, .fit td { white-space: normal; padding-right: 9px; }
.fit th:last-child, .fit td:last-child { text-align: left; }
.fit td:last-child { overflow-wrap: anywhere; min-width: 90px; padding-right: 0; }
tr.taken th, tr.taken td { background: #e3f1e9; font-weight: 600; }
.pair { display: flex; flex-wrap: wrap; gap: 12px 40px; }
figure { margin: 10px 0; } svg { max-width: 100%; height: auto; display: block; }
svg text { font: 12px "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial, sans-serif; fill: var(--soft); }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(138px, 1fr)); gap: 10px; }
.sheet.wide { grid-template-columns: repeat(auto-fill, minmax(210px, 1fr)); }
.sheet figure { margin: 0; padding: 6px; border: 1px solid var(--line); break-inside: avoid; }
.sheet .views { display: flex; gap: 4px; } .sheet .views img { flex: 1 1 0; min-width: 0; image-rendering: pixelated;
  outline: 1px solid var(--line); }
.pair figure { max-width: 460px; }
.sheet figcaption { font-size: 12px; line-height: 1.35; overflow-wrap: anywhere; margin-top: 4px; }
code { font: 12.5px/1.45 "Cascadia Mono", "Liberation Mono", Consolas, monospace; overflow-wrap: anywhere; }
@media print { main { max-width: none; padding: 0; } h2 { break-after: avoid; } .scroll { overflow: visible; }
  .verdicts li { -webkit-print-color-adjust: exact; print-color-adjust: exact; } }
"""
