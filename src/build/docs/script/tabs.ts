const STORED = "sandi-language";

/** Makes the language chosen for one sample the language of all, also on the next visit. */
export function shareLanguage(): void {
  const stored = read();
  if (stored !== null) choose(stored);
  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement) || target.type !== "radio") return;
    // The samples above grow and shrink; what the reader looks at stays where it is.
    const before = target.getBoundingClientRect().top;
    choose(target.value);
    window.scrollBy(0, target.getBoundingClientRect().top - before);
    write(target.value);
  });
}

/** A sample that lacks the language stays as it is. */
function choose(language: string): void {
  for (const tab of document.querySelectorAll<HTMLInputElement>(".tabs input")) {
    if (tab.value === language) tab.checked = true;
  }
}

/** Browsers may refuse storage. */
function read(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null;
  }
}

function write(language: string): void {
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // The choice holds for this visit.
  }
}
