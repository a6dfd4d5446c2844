/** What a reference is made of: routes, fields, answers, code. */
export const REFERENCE = `
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
