/** Where things stand: one column on a phone, contents beside it from a tablet on, and code beside text on a desk. */
export const LAYOUT = `
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
footer { margin-top: 4rem; padding-top: 1.5rem; border-top: 1px solid var(--line); color: var(--quiet); }

@media (min-width: 52rem) {
  html { scroll-padding-top: 2rem; }
  body { display: grid; grid-template: 4rem auto 1fr / 16.5rem minmax(0, 1fr); }
  .bar, #contents { background: var(--side); border-right: 1px solid var(--line); }
  .bar { border-bottom: 0; height: auto; padding: 0 1.75rem; }
  .jump { display: none; }
  #contents { grid-area: 2 / 1 / 4; position: sticky; top: 4rem; height: calc(100vh - 4rem); overflow-y: auto; padding: 0.5rem 1.75rem 1.5rem; border-block: 0; font-size: 0.875rem; }
  #contents > ul { columns: auto; scroll-target-group: auto; }
  #contents a { padding: 0.1875rem 0; }
  #contents a:target-current { color: var(--accent); box-shadow: -0.875rem 0 var(--side), -1rem 0 var(--accent); }
  #contents small { display: inline; }
  .opening { grid-area: 1 / 2 / 3; padding: 4rem 3rem 0; }
  main { grid-area: 3 / 2; padding: 0 3rem 6rem; max-width: 76rem; }
}

@media (min-width: 72rem) {
  .call, .type { grid-template: auto 1fr / minmax(0, 1fr) minmax(26rem, 0.8fr); }
  .type > * { grid-column: 1; }
  .type > .code { grid-area: 2 / 2 / span 2; align-self: start; }
}
`;
