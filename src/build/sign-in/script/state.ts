/** How long after the page the state is asked for. Each is a billed request, so that it is no loop. */
const ASKED_AFTER_MS = [4_000, 10_000, 20_000, 45_000];

interface State {
  readonly note: string;
  /** To look what has become of a message, or to open what else can be done about a code. */
  readonly todo?: "check" | "help";
}

/** Tells the user what has happened since the page was made: at a few times, and when they come back to it. */
export function watchState(): void {
  const form = document.querySelector("form");
  const note = document.querySelector("#state");
  if (form === null || note === null) return;
  let isOver = false;
  const ask = async () => {
    if (isOver || document.visibilityState !== "visible") return;
    const flow = String(new FormData(form).get("flow"));
    const body = new URLSearchParams({ flow });
    const response = await fetch("/oauth/authorize/state", { method: "POST", body }).catch(() => null);
    if (isOver || response?.headers.get("content-type") !== "application/json") return;
    const { note: said, todo } = (await response.json()) as State;
    if (said !== "" && note.textContent !== said) note.textContent = said;
    isOver = todo !== undefined;
    if (todo === "check") form.requestSubmit();
    if (todo === "help") openHelp(form);
  };
  for (const delay of ASKED_AFTER_MS) setTimeout(ask, delay);
  document.addEventListener("visibilitychange", ask);
}

/** The way that needs no code is the first to see then. */
function openHelp(form: HTMLFormElement): void {
  form.querySelector("details")?.setAttribute("open", "");
  form.querySelector('button[formaction$="/message"]')?.classList.replace("plain", "main");
}
