/** Colours, type and what every element starts from. The text pairs have at least 4.5:1 in both schemes (WCAG AA). */
export const THEME = `
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
