/** Colours and base styles. Text has a contrast of at least 4.5:1 in both colour schemes (WCAG AA). */
const THEME = `
:root {
  color-scheme: light dark;
  --page: #ffffff;
  --side: #f7f9f8;
  --text: #14201a;
  --quiet: #52635a;
  --line: #e1e8e4;
  --field: #7d8f86;
  --accent: #0a6b3d;
  --soft: #e8f4ed;
  --chip: #eff3f1;
  --warn: #9a4a00;
  --danger: #b3261e;
  --info: #1d5fa8;
  --ink: #10201a;
  --ink-text: #d9e7df;
  --ink-string: #8fe0b0;
  --ink-quiet: #9bb3a7;
  --ink-word: #a9c7ff;
  --ink-bar: #1a2e26;
  --ink-line: #10201a;
  --mono: ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
}

@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1311;
    --side: #101815;
    --text: #e6ede9;
    --quiet: #9db0a6;
    --line: #223029;
    --field: #64776d;
    --accent: #4fd58a;
    --soft: #14291e;
    --chip: #1a2520;
    --warn: #f0b167;
    --danger: #ff8f86;
    --info: #80b8f5;
    --ink: #121c18;
    --ink-bar: #18251f;
    --ink-line: #25352d;
  }
}

*, ::before, ::after { box-sizing: border-box; }

html { scroll-padding-top: 4.5rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }

body {
  margin: 0;
  background: var(--page);
  color: var(--text);
  font: 400 1rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
}

h1, h2, h3, h4, h5, p, ul, ol, dl, dd, pre, figure, fieldset { margin: 0; padding: 0; }
ul, ol { list-style: none; }
[hidden] { display: none; }
.unseen, .tabs legend { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

h1 { font-size: 2.25rem; line-height: 1.15; letter-spacing: -0.025em; }
h2 { font-size: 1.625rem; line-height: 1.25; letter-spacing: -0.02em; }
h3 { font-size: 1.1875rem; line-height: 1.35; letter-spacing: -0.01em; }
h4, h5 { font-size: 0.875rem; line-height: 1.5; }
h5 code { font-size: inherit; }
h1, h2, h3 { text-wrap: balance; }
p { max-width: 42rem; text-wrap: pretty; }

a { color: var(--accent); text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
h3 a { color: inherit; text-decoration: none; }
h3 a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; border-radius: 3px; }
main:focus { outline: none; }

code, pre { font-family: var(--mono); }
code { font-size: 0.875em; overflow-wrap: anywhere; }
p code, dd code { padding: 0.1em 0.3em; border-radius: 4px; background: var(--chip); }
a code { background: none; padding: 0; }
`;

/** One column on a phone, the contents beside it from a tablet on, and code beside text on a desktop. */
const LAYOUT = `
.skip {
  position: fixed;
  inset: 0.5rem auto auto 0.5rem;
  z-index: 3;
  padding: 0.5rem 1rem;
  border-radius: 6px;
  background: var(--accent);
  color: var(--page);
}
.skip:not(:focus) { transform: translateY(-200%); }

.bar {
  position: sticky;
  top: 0;
  z-index: 2;
  display: flex;
  justify-content: space-between;
  align-items: center;
  height: 3.25rem;
  padding: 0 1.25rem;
  border-bottom: 1px solid var(--line);
  background: var(--page);
}
.bar a { text-decoration: none; padding: 0.25rem 0; }
.brand { color: var(--text); font-weight: 650; letter-spacing: -0.01em; }
.brand span { color: var(--quiet); font-weight: 400; }
.jump, .close { font-size: 0.9375rem; }

#contents { padding: 1.75rem 1.25rem 0.75rem; background: var(--side); border-block: 1px solid var(--line); font-size: 0.9375rem; }
#contents > .parts { columns: 2 9.5rem; column-gap: 1.25rem; }
#contents > .parts > li { break-inside: avoid; padding-bottom: 1.25rem; }
#contents li > span { display: block; padding-bottom: 0.25rem; font-size: 0.8125rem; font-weight: 600; }
#contents a { display: flex; justify-content: space-between; align-items: baseline; gap: 0.5rem; padding: 0.25rem 0; color: var(--quiet); text-decoration: none; line-height: 1.35; }
#contents a span { overflow-wrap: anywhere; min-width: 0; }
#contents a:hover { color: var(--text); text-decoration: underline; }
#contents small { flex: none; display: none; font: 600 0.625rem/1 var(--mono); letter-spacing: 0.04em; }

search { position: relative; display: block; padding-bottom: 1.25rem; }
search::after { content: "/"; display: none; position: absolute; top: 0.5rem; right: 0.625rem; padding: 0 0.375rem; border: 1px solid var(--line); border-radius: 4px; font: 0.75rem/1.25rem var(--mono); color: var(--quiet); }
search input { width: 100%; height: 2.25rem; padding: 0 0.75rem; border: 1px solid var(--field); border-radius: 6px; background: var(--page); color: var(--text); font: inherit; font-size: 1rem; }
search input::placeholder { color: var(--quiet); opacity: 1; }
#search-status:not(:empty) { padding: 0.75rem 0 0.25rem; font-size: 0.8125rem; color: var(--quiet); }
#results li p { padding-bottom: 0.375rem; font-size: 0.8125rem; line-height: 1.45; color: var(--quiet); overflow-wrap: anywhere; }
#results a { color: var(--text); }
#results small { display: inline; }
mark { background: var(--soft); color: var(--accent); font-weight: 600; }

.opening { padding: 2.25rem 1.25rem 0; }
main { padding: 0 1.25rem 4rem; }
main > section { padding-top: 3rem; }
main > section + section { margin-top: 3rem; border-top: 1px solid var(--line); }
main > section > * + *, .opening > * + *, .call header > * + *, .type > * + * { margin-top: 0.875rem; }
.opening h1 + p { font-size: 1.1875rem; line-height: 1.5; color: var(--quiet); }
main > section > h3 { padding-top: 1.25rem; }
main > section > .box { max-width: 42rem; }

/* A link to a call leads to its heading, past the space and the line above it. */
.call { scroll-margin-top: -2.25rem; }
.type { scroll-margin-top: -1.25rem; }
.call, .type { padding-top: 2rem; }
.call + .call { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 3rem; }
.call { display: grid; gap: 1.5rem 3rem; }
.call, .steps > li { grid-template-columns: minmax(0, 1fr); }
.type { display: grid; gap: 0 3rem; grid-template-columns: minmax(0, 42rem); }
.home { max-width: 46rem; margin: 0 auto; }
.home main ul { padding-left: 1.25rem; list-style: disc; }
.home main > section + section { margin-top: 2rem; }
footer { margin-top: 4rem; padding-top: 1.5rem; border-top: 1px solid var(--line); color: var(--quiet); }

/* A phone shows the contents over the page, from the link at the top until an entry is chosen. */
@media (max-width: 51.99rem) {
  #contents { position: fixed; inset: 3.25rem 0 0; z-index: 2; overflow-y: auto; overscroll-behavior: contain; }
  #contents:not(:target) { display: none; }
  #contents:focus-visible { outline: none; }
  .close { display: none; }
  .bar:has(~ #contents:target) .jump { display: none; }
  .bar:has(~ #contents:target) .close { display: block; }
}

@media (min-width: 52rem) {
  html { scroll-padding-top: 2rem; }
  body:not(.home) { display: grid; grid-template: 4rem auto 1fr / 16.5rem minmax(0, 1fr); }
  .bar, #contents { background: var(--side); border-right: 1px solid var(--line); }
  .bar { border-bottom: 0; height: auto; padding: 0 1.75rem; }
  .jump, .close { display: none; }
  #contents { grid-area: 2 / 1 / 4; position: sticky; top: 4rem; height: calc(100vh - 4rem); overflow-y: auto; padding: 0.5rem 1.75rem 1.5rem; border-block: 0; font-size: 0.875rem; }
  #contents > .parts { columns: auto; scroll-target-group: auto; }
  #contents a { padding: 0.1875rem 0; }
  #contents a[aria-current] { color: var(--accent); box-shadow: -0.875rem 0 var(--side), -1rem 0 var(--accent); }
  #contents small { display: inline; }
  search { position: sticky; top: -0.5rem; z-index: 1; margin: 0 -0.5rem; padding: 0.5rem 0.5rem 1rem; background: var(--side); }
  search::after { margin: 0.5rem; }
  search input { font-size: 0.875rem; }
  search:not(:focus-within)::after { display: block; }
  body:not(.home) > .opening { grid-area: 1 / 2 / 3; padding: 4rem 3rem 0; }
  body:not(.home) > main { grid-area: 3 / 2; padding: 0 3rem 6rem; max-width: 76rem; }
}

/* Without the page's script, browsers that can mark the entry themselves. */
@media (min-width: 52rem) and (scripting: none) {
  #contents a:target-current { color: var(--accent); box-shadow: -0.875rem 0 var(--side), -1rem 0 var(--accent); }
}

@media (min-width: 72rem) {
  .call, .steps > li { grid-template: auto 1fr / minmax(0, 1fr) minmax(26rem, 0.8fr); }
  .call > * { grid-column: 1; }
  .call > .try { grid-area: 1 / 2 / span 2; }
}
`;

/** Routes, fields, answers, code. */
const REFERENCE = `
.route { display: flex; align-items: baseline; gap: 0.625rem; }
.route code { padding: 0; background: none; font-size: 0.9375rem; }
.method { flex: none; padding: 0.2rem 0.4rem; border-radius: 4px; font: 650 0.6875rem/1.2 var(--mono); letter-spacing: 0.04em; background: var(--chip); }
.get { color: var(--info); }
.post { color: var(--accent); }
.put, .patch { color: var(--warn); }
.delete { color: var(--danger); }
.scope { font-size: 0.875rem; color: var(--quiet); }

.box { position: relative; border: 1px solid var(--ink-line); border-radius: 8px; background: var(--ink); color: var(--ink-text); overflow: hidden; }
.box + .box { margin-top: 1rem; }
.box-title, .tabs { display: flex; min-height: 2.5rem; padding: 0 5rem 0 1.125rem; background: var(--ink-bar); font-size: 0.8125rem; }
.box-title { align-items: center; gap: 0.375rem; color: var(--ink-quiet); }
.box-title code { padding: 0; background: none; color: var(--ink-text); }
.tabs { border: 0; min-width: 0; gap: 1.125rem; }
.tabs input { position: absolute; opacity: 0; pointer-events: none; }
.tabs label { padding: 0.625rem 0 0.5rem; border-bottom: 2px solid transparent; color: var(--ink-quiet); line-height: 1.25rem; cursor: pointer; white-space: nowrap; }
.tabs label:hover { color: var(--ink-text); }
.tabs input:checked + label { color: var(--ink-text); border-color: var(--ink-string); }
.tabs input:focus-visible + label { outline: 2px solid var(--ink-string); outline-offset: -2px; border-radius: 3px; }
.copy { position: absolute; top: 0.4375rem; right: 0.5rem; padding: 0.25rem 0.625rem; border: 0; border-radius: 5px; background: var(--ink-bar); color: var(--ink-quiet); font: inherit; font-size: 0.8125rem; line-height: 1.125rem; cursor: pointer; }
.copy:hover { color: var(--ink-text); }
.copy:focus-visible, .code:focus-visible { outline-color: var(--ink-string); outline-offset: -2px; }

.code { max-height: 23rem; overflow-y: auto; scrollbar-color: var(--ink-quiet) transparent; scrollbar-width: thin; }
.code pre { padding: 0.875rem 1.125rem 1rem; font-size: 0.875rem; line-height: 1.6; white-space: pre-wrap; overflow-wrap: anywhere; }
.code code { font-size: inherit; }
.line { display: block; padding-left: 2ch; text-indent: -2ch; }
.indent-2 { padding-left: 4ch; text-indent: -4ch; }
.indent-4 { padding-left: 6ch; text-indent: -6ch; }
.indent-6 { padding-left: 8ch; text-indent: -8ch; }
.indent-8 { padding-left: 10ch; text-indent: -10ch; }
.code .string { color: var(--ink-string); }
.code .quiet { color: var(--ink-quiet); }
.code .word { color: var(--ink-word); }
@supports selector(:has(*)) {
  .samples:has([value="curl"]:checked) > .code:not([data-tab="curl"]),
  .samples:has([value="typescript"]:checked) > .code:not([data-tab="typescript"]),
  .samples:has([value="twilio"]:checked) > .code:not([data-tab="twilio"]) { display: none; }
}

.steps { counter-reset: step; }
.steps > li { counter-increment: step; display: grid; gap: 0.875rem 3rem; padding: 1.25rem 0; scroll-margin-top: 1rem; }
.steps > li + li { border-top: 1px solid var(--line); }
.steps h3::before { content: counter(step) ". "; color: var(--accent); }
.steps p { margin-top: 0.5rem; }

h4 { padding-bottom: 0.5rem; border-bottom: 1px solid var(--line); }
h4 .optional { font-weight: 400; }
.details > * + h4 { margin-top: 1.25rem; }
.details > .rules, .nested > .rules { padding-top: 0.625rem; font-size: 0.875rem; color: var(--quiet); }
.alternative { margin-top: 0.75rem; padding: 0.75rem 0 0 1rem; border-left: 2px solid var(--line); scroll-margin-top: 1rem; }
.nested .nested > .rules { padding-top: 0; }

.field { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.125rem 0.625rem; padding: 0.75rem 0; border-bottom: 1px solid var(--line); }
.field:last-child { border-bottom: 0; }
.field dt { font-weight: 600; }
.field dt code { padding: 0; background: none; color: var(--text); }
.field dd { flex-basis: 100%; font-size: 0.9375rem; }
.field .kind { flex: 0 1 auto; font-size: 0.8125rem; color: var(--quiet); }
.field .rules { font-size: 0.875rem; color: var(--quiet); }
.required { font-weight: 600; color: var(--warn); margin-left: 0.25rem; }
.optional { color: var(--quiet); margin-left: 0.25rem; }
.nested { margin-top: 0.5rem; padding-left: 1rem; border-left: 2px solid var(--line); }
.nested .field { padding: 0.5rem 0; border: 0; }

.answers { font-size: 0.9375rem; }
.answers > div { display: grid; grid-template-columns: 3rem minmax(0, 1fr); padding: 0.5rem 0; border-bottom: 1px solid var(--line); }
.answers > div:last-child { border-bottom: 0; }
.answers dd { grid-column: 2; color: var(--quiet); }
.answers > .credentials { grid-template-columns: minmax(0, auto) minmax(0, 1fr); gap: 0.75rem; }
.credentials dt { font: 600 0.8125rem/1.85 var(--mono); overflow-wrap: anywhere; }
.status { font: 600 0.8125rem/1.85 var(--mono); }

.problems { display: grid; gap: 0 3rem; }
.problems > section { padding: 1.125rem 0; border-top: 1px solid var(--line); }
.problems h3 { display: flex; align-items: baseline; justify-content: space-between; gap: 1rem; font-size: 1rem; }
.problems h3 .status { color: var(--quiet); }
.problems dl { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: 0.25rem 0.5rem; margin-top: 0.375rem; font-size: 0.9375rem; }
.problems dt { color: var(--quiet); }
.problems > :target { background: var(--soft); box-shadow: -0.75rem 0 var(--soft), 0.75rem 0 var(--soft); }

@media (min-width: 80rem) {
  .problems { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); }
}
`;

export const STYLESHEET = THEME + LAYOUT + REFERENCE;
