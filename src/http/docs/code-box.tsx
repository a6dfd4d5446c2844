interface CodeBoxProps {
  /** What is in the box, for those who do not see where it stands. */
  readonly label: string;
  readonly code: string;
}

/** Shell strings, and options that stand by themselves. */
const TOKENS = /('(?:[^']|'\\'')*'|"[^"]*"|(?<=\s)--?[a-zA-Z]+(?=\s))/;

/** Shell lines, ready to paste. They scroll in their box, so the keyboard has to get there (WCAG 2.1.1). */
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
