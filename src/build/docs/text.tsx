import { type CodeLanguage, highlight } from "./highlight.ts";

interface CodeProps {
  /** The accessible name of the box. */
  readonly label: string;
  readonly code: string;
  readonly language: CodeLanguage;
  /** The tab that shows it, for one of several samples. */
  readonly tab?: string;
}

/** What does not fit on a line goes on below, indented as the style sheet says for each of these depths. */
const MOST_INDENTED = 8;

/** Lines in a box of their own, under a title. */
export function CodeBox({ title, ...code }: CodeProps & { readonly title?: string }) {
  return (
    <div class="box">
      {title && (
        <p class="box-title">
          <Prose text={title} />
        </p>
      )}
      <Code {...code} />
    </div>
  );
}

/**
 * Lines of code. Long answers scroll in their box, so the keyboard has to reach it (WCAG 2.1.1). A
 * figure is no landmark, of which a page should have few.
 */
export function Code({ label, code, language, tab }: CodeProps) {
  return (
    <figure class="code" aria-label={label} tabindex={0} data-tab={tab}>
      <pre>
        <code>
          {highlight(code, language).map(({ tokens, indent }) => (
            <span class={`line indent-${Math.min(indent, MOST_INDENTED)}`}>
              {tokens.map(({ text, kind }) =>
                kind === null ? <Plain text={text} /> : <span class={kind}>{text}</span>,
              )}
              {"\n"}
            </span>
          ))}
        </code>
      </pre>
    </figure>
  );
}

/** An address that is too long for the line breaks before a step of its path. */
function Plain({ text }: { readonly text: string }) {
  return (
    <>
      {text.split(/(?<=\w)(?=\/\w|\/\$)/).map((part, index) => (
        <>
          {index > 0 && <wbr />}
          {part}
        </>
      ))}
    </>
  );
}

/** A text of the API's description, with code in backticks and links as in Markdown. */
export function Prose({ text }: { readonly text: string }) {
  return (
    <>
      {text.split(/(`[^`]+`|\[[^\]]+\]\([^)]+\))/).map((part) => {
        if (part.startsWith("`")) return <code>{part.slice(1, -1)}</code>;
        const [, label, href] = /^\[(.+)\]\((.+)\)$/.exec(part) ?? [];
        return href === undefined ? part : <a href={href}>{label}</a>;
      })}
    </>
  );
}
