interface CodeBoxProps {
  /** The accessible name of the box. */
  readonly label: string;
  readonly code: string;
}

/** Strings of a shell, and options. */
const TOKENS = /('(?:[^']|'\\'')*'|"[^"]*"|(?<=\s)--?[a-zA-Z]+(?=\s))/;

/** Lines for a shell. The box scrolls, so the keyboard has to reach it (WCAG 2.1.1). */
export function CodeBox({ label, code }: CodeBoxProps) {
  return (
    <section class="code" aria-label={label} tabindex={0}>
      <pre>
        <code>
          {code
            .split(TOKENS)
            .map((part, index) => (index % 2 === 0 ? part : <span class={kindOf(part)}>{part}</span>))}
        </code>
      </pre>
    </section>
  );
}

function kindOf(token: string): string {
  return token.startsWith("-") ? "option" : "string";
}

/** A text of the API's description, in which backticks mark code. */
export function Prose({ text }: { readonly text: string }) {
  return <>{text.split("`").map((part, index) => (index % 2 === 0 ? part : <code>{part}</code>))}</>;
}
