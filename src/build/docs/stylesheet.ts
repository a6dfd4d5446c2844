import { createHash } from "node:crypto";

/** Colours and base styles. Text has a contrast of at least 4.5:1 in both colour schemes (WCAG AA). */
const THEME = `
:root {
  color-scheme: light dark;
  --page: #ffffff;
  --side: #f7f9f8;
  --text: #14201a;
  --quiet: #52635a;
  --line: #e1e8e4;
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
    --accent: #4fd58a;
    --soft: #14291e;
    --chip: #1a2520;
    --warn: #f0b167;
    --danger: #ff8f86;
    --info: #80b8f5;
    --ink: #121c18;
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

h1, h2, h3, h4, p, ul, dl, dd, pre { margin: 0; padding: 0; }
ul { list-style: none; }

h1 { font-size: 2.25rem; line-height: 1.15; letter-spacing: -0.025em; }
h2 { font-size: 1.625rem; line-height: 1.25; letter-spacing: -0.02em; }
h3 { font-size: 1.1875rem; line-height: 1.35; letter-spacing: -0.01em; }
h4 { font-size: 0.875rem; line-height: 1.5; }
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
.jump { font-size: 0.9375rem; }

#contents { padding: 1.75rem 1.25rem 0.75rem; background: var(--side); border-block: 1px solid var(--line); font-size: 0.9375rem; }
#contents > ul { columns: 2 9.5rem; column-gap: 1.25rem; }
#contents > ul > li { break-inside: avoid; padding-bottom: 1.25rem; }
#contents span { display: block; padding-bottom: 0.25rem; font-size: 0.8125rem; font-weight: 600; }
#contents a { display: flex; justify-content: space-between; align-items: baseline; gap: 0.5rem; padding: 0.25rem 0; color: var(--quiet); text-decoration: none; line-height: 1.35; overflow-wrap: anywhere; }
#contents a:hover { color: var(--text); text-decoration: underline; }
#contents small { display: none; font: 600 0.625rem/1 var(--mono); letter-spacing: 0.04em; }

.opening { padding: 2.25rem 1.25rem 2.5rem; }
main { padding: 0 1.25rem 4rem; }
main > section { padding-top: 3rem; }
main > section + section { margin-top: 3rem; border-top: 1px solid var(--line); }
main > section > * + *, .opening > * + *, .call header > * + *, .type > * + * { margin-top: 0.875rem; }
.opening h1 + p { font-size: 1.1875rem; line-height: 1.5; color: var(--quiet); }
main > section > h3 { padding-top: 1.25rem; }
main > section > .code { max-width: 42rem; }

/* A link to a call leads to its heading, past the space and the line above it. */
.call { scroll-margin-top: -2.25rem; }
.type { scroll-margin-top: -1.25rem; }
.call, .type { padding-top: 2rem; }
.call + .call { border-top: 1px solid var(--line); margin-top: 3rem; padding-top: 3rem; }
.call { display: grid; gap: 1.5rem 3rem; grid-template-columns: minmax(0, 1fr); }
.type { display: grid; gap: 0 3rem; grid-template-columns: minmax(0, 42rem); }
.home { max-width: 46rem; margin: 0 auto; }
.home main ul { padding-left: 1.25rem; list-style: disc; }
.home main > section + section { margin-top: 2rem; }
footer { margin-top: 4rem; padding-top: 1.5rem; border-top: 1px solid var(--line); color: var(--quiet); }

@media (min-width: 52rem) {
  html { scroll-padding-top: 2rem; }
  body:not(.home) { display: grid; grid-template: 4rem auto 1fr / 16.5rem minmax(0, 1fr); }
  .bar, #contents { background: var(--side); border-right: 1px solid var(--line); }
  .bar { border-bottom: 0; height: auto; padding: 0 1.75rem; }
  .jump { display: none; }
  #contents { grid-area: 2 / 1 / 4; position: sticky; top: 4rem; height: calc(100vh - 4rem); overflow-y: auto; padding: 0.5rem 1.75rem 1.5rem; border-block: 0; font-size: 0.875rem; }
  #contents > ul { columns: auto; scroll-target-group: auto; }
  #contents a { padding: 0.1875rem 0; }
  #contents a:target-current { color: var(--accent); box-shadow: -0.875rem 0 var(--side), -1rem 0 var(--accent); }
  #contents small { display: inline; }
  body:not(.home) > .opening { grid-area: 1 / 2 / 3; padding: 4rem 3rem 0; }
  body:not(.home) > main { grid-area: 3 / 2; padding: 0 3rem 6rem; max-width: 76rem; }
}

@media (min-width: 72rem) {
  .call, .type { grid-template: auto 1fr / minmax(0, 1fr) minmax(26rem, 0.8fr); }
  .type > * { grid-column: 1; }
  .type > .code { grid-area: 2 / 2 / span 2; align-self: start; }
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

.code { border: 1px solid var(--ink-line); border-radius: 8px; background: var(--ink); color: var(--ink-text); overflow-x: auto; }
.code pre { padding: 1rem 1.125rem; font-size: 0.9375rem; line-height: 1.65; width: max-content; min-width: 100%; }
.code .string { color: var(--ink-string); }
.code .option { color: var(--ink-quiet); }

h4 { padding-bottom: 0.5rem; border-bottom: 1px solid var(--line); }
h4 .optional { font-weight: 400; }
.fields + h4, .answers + h4 { margin-top: 1.25rem; }

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
.status { font: 600 0.8125rem/1.85 var(--mono); }

.problems { max-width: 52rem; }
.problems > div { display: grid; grid-template-columns: minmax(0, 1fr) 3rem; padding: 0.625rem 0; border-bottom: 1px solid var(--line); align-items: baseline; }
.problems dd:last-child { grid-column: 1 / -1; font-size: 0.9375rem; color: var(--quiet); }
.problems .status { text-align: right; }
.problems > :target { background: var(--soft); box-shadow: -0.75rem 0 var(--soft), 0.75rem 0 var(--soft); }

@media (min-width: 52rem) {
  .problems > div { grid-template-columns: 16rem 4rem minmax(0, 1fr); }
  .problems dd:last-child { grid-column: auto; }
  .problems .status { text-align: left; }
}
`;

export const STYLESHEET = THEME + LAYOUT + REFERENCE;

/** The address changes with the content, so that browsers can cache the style sheet for good. */
export function stylesheetAddress(): string {
  const version = createHash("sha256").update(STYLESHEET).digest("base64url").slice(0, 12);
  return `/docs/style.css?v=${version}`;
}
