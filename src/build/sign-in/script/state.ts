/** How long after the page the state is asked for. Each is a billed request, so that it is no loop. */
const ASKED_AFTER_MS = [4_000, 10_000, 20_000, 45_000];

/** Tells the user what has become of the code since the page was made: at a few times, and when they come back to it. */
export function watchState(): void {
  const form = document.querySelector("form");
  const note = document.querySelector("#state");
  if (form === null || note === null) return;
  const ask = async () => {
    if (document.visibilityState !== "visible") return;
    const flow = String(new FormData(form).get("flow"));
    const body = new URLSearchParams({ flow });
    const response = await fetch("/oauth/authorize/state", { method: "POST", body }).catch(() => null);
    if (response?.headers.get("content-type") !== "application/json") return;
    const { note: said } = (await response.json()) as { readonly note: string };
    if (note.textContent !== said) note.textContent = said;
  };
  for (const delay of ASKED_AFTER_MS) setTimeout(ask, delay);
  document.addEventListener("visibilitychange", ask);
}
