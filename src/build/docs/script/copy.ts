const SHOWN_MS = 1500;

/** Gives each box a button that copies the lines it shows. Browsers have no clipboard for pages over plain http. */
export function addCopyButtons(): void {
  const { clipboard } = navigator;
  if (clipboard === undefined) return;
  const said = document.createElement("p");
  said.className = "unseen";
  said.setAttribute("role", "status");
  document.querySelector("main")?.append(said);
  for (const box of document.querySelectorAll(".box")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy: ${labelOf(box)}`);
    const report = (word: string) => {
      button.textContent = word;
      said.textContent = word;
      setTimeout(() => {
        button.textContent = "Copy";
        said.textContent = "";
      }, SHOWN_MS);
    };
    button.addEventListener("click", () => {
      void clipboard.writeText(shownIn(box)?.textContent ?? "").then(
        () => report("Copied"),
        () => report("Not copied"),
      );
    });
    box.append(button);
  }
}

function shownIn(box: Element): Element | undefined {
  return [...box.querySelectorAll(".code")].find((code) => code.checkVisibility());
}

function labelOf(box: Element): string {
  const label = box.querySelector(".code")?.getAttribute("aria-label") ?? "";
  return box.matches(".samples") ? label.replace(/^[^:]*: /, "") : label;
}
