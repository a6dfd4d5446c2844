import { LANGUAGES, type Language, type Samples } from "./samples/samples.ts";
import { Code } from "./text.tsx";

interface TabsProps {
  /** Unique on the page. */
  readonly id: string;
  /** What the samples do; each one's accessible name begins with its language. */
  readonly label: string;
  readonly samples: Samples;
}

/**
 * The same in several languages, one of them shown. The tabs are radio buttons, which need no script; the page's script
 * makes a choice hold for every other sample too.
 */
export function Tabs({ id, label, samples }: TabsProps) {
  const languages = (Object.keys(LANGUAGES) as Language[]).filter(
    (language) => samples[language] !== undefined,
  );
  return (
    <div class="box samples">
      <fieldset class="tabs">
        <legend>Language of the sample: {label}</legend>
        {languages.map((language, index) => (
          <>
            <input
              type="radio"
              id={`${id}-${language}`}
              name={`${id}-language`}
              value={language}
              checked={index === 0}
            />
            <label for={`${id}-${language}`}>{LANGUAGES[language]}</label>
          </>
        ))}
      </fieldset>
      {languages.map((language) => (
        <Code
          tab={language}
          label={`${LANGUAGES[language]}: ${label}`}
          code={samples[language] ?? ""}
          language={language === "curl" ? "shell" : "typescript"}
        />
      ))}
    </div>
  );
}
