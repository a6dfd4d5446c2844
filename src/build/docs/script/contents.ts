/** On a phone, closes the contents where the reader was before they opened them. */
export function closeContents(): void {
  let wasOpenedHere = false;
  document.querySelector(".jump")?.addEventListener("click", () => {
    wasOpenedHere = true;
  });
  document.querySelector(".close")?.addEventListener("click", (event) => {
    if (!wasOpenedHere) return;
    event.preventDefault();
    history.back();
  });
  document.getElementById("contents")?.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("a") !== null) wasOpenedHere = false;
  });
}
