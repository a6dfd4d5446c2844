/** What Turnstile's script defines (developers.cloudflare.com/turnstile, "Explicit rendering"). */
interface TurnstileApi {
  render(container: HTMLElement, options: Readonly<Record<string, unknown>>): void;
}

/**
 * Shows Turnstile's widget, and holds the form back while the check is under way. Where the check has failed, or its script
 * does not load, the form is sent without a token: the server says what to do.
 */
export function checkVisitor(): void {
  const widget = document.querySelector<HTMLElement>("[data-sitekey]");
  const note = document.querySelector("#waiting");
  const form = widget?.closest("form");
  if (!widget || !form || note === null) return;
  const { sitekey, cdata: cData, language, waiting = "" } = widget.dataset;
  let isUnderWay = true;
  let held: HTMLElement | null = null;

  form.addEventListener("submit", (event) => {
    const { submitter } = event;
    // Other buttons than the main one send nothing to the number.
    if (!isUnderWay || submitter === null || submitter.hasAttribute("formaction")) return;
    event.preventDefault();
    held = submitter;
    note.textContent = waiting;
  });
  const end = () => {
    isUnderWay = false;
    note.textContent = "";
    if (held !== null) form.requestSubmit(held);
  };
  // Turnstile's own script is deferred and has run by then.
  document.addEventListener("DOMContentLoaded", () => {
    const { turnstile } = window as { readonly turnstile?: TurnstileApi };
    if (turnstile === undefined) return end();
    turnstile.render(widget, {
      sitekey,
      cData,
      language,
      action: "send",
      appearance: "interaction-only",
      size: "flexible",
      "before-interactive-callback"() {
        widget.classList.add("shown");
      },
      callback: end,
      "error-callback": end,
      "unsupported-callback": end,
      "expired-callback"() {
        isUnderWay = true;
      },
    });
  });
}
