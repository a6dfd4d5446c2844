import { advance, type ConsentState, type ContactState, WINDOW_MS } from "./contact-state.ts";

/** A user's instruction about messages from this business. */
export type Keyword = "stop" | "start";

/** Only unambiguous words: "cancel", "end" and "continue" also answer reminders. */
const KEYWORDS: Readonly<Record<Keyword, string>> = {
  stop:
    "STOP|STOP ALL|STOPALL|UNSUBSCRIBE|OPT OUT|OPT-OUT|BERHENTI|PARAR|SAIR|BAJA|ARRÊT|ARRET|ARRÊTER|STOPP|ABMELDEN|" +
    "DISISCRIVI|AFMELDEN|STOPPEN|DURDUR|СТОП|ОТПИСАТЬСЯ|إيقاف|توقف|बंद करो|रोकें|DỪNG|退订|停止|取消訂閱|配信停止|수신거부|중지",
  start:
    "START|SUBSCRIBE|UNSTOP|OPT IN|OPT-IN|MULAI|INICIAR|ALTA|ANMELDEN|AANMELDEN|BAŞLA|СТАРТ|ابدأ|शुरू करो|BẮT ĐẦU|" +
    "开始|開始|訂閱|订阅|시작",
};

const KEYWORDS_BY_TEXT: ReadonlyMap<string, Keyword> = new Map(
  (["stop", "start"] as const).flatMap((word) =>
    KEYWORDS[word].split("|").map((text) => [text, word] as const),
  ),
);

/** The keyword if the message consists of it alone; null otherwise. */
export function keywordIn(text: string): Keyword | null {
  return KEYWORDS_BY_TEXT.get(text.normalize("NFC").trim().toUpperCase()) ?? null;
}

/**
 * Merges two consent records of a user: the newest choice counts, and of two in the same second the opt-out.
 * Returns `current` itself when nothing changes.
 */
export function joinConsent(current: ConsentState, added: ConsentState): ConsentState {
  const choices = [current.choice, added.choice].filter((choice) => choice !== null);
  const [newest = null] = choices.sort((a, b) => b.at - a.at || Number(b.optedOut) - Number(a.optedOut));
  const wroteAt = Math.max(current.wroteAt ?? 0, added.wroteAt ?? 0);
  const joined: ConsentState = { choice: newest, wroteAt: wroteAt === 0 ? null : wroteAt };
  const isChanged = newest !== current.choice || joined.wroteAt !== current.wroteAt;
  return isChanged ? joined : current;
}

/** Advances the record to `now` and merges the consent stored elsewhere. */
export function withConsent(
  before: ContactState,
  formerConsent: ConsentState | null,
  now: number,
): ContactState {
  const state = advance(before, now);
  const consent = formerConsent === null ? state.consent : joinConsent(state.consent, formerConsent);
  return consent === state.consent ? state : advance({ ...state, consent }, now);
}

/** Records that a user opted out in WhatsApp itself. */
export function optOut(state: ContactState, at: number): ContactState {
  const consent = joinConsent(state.consent, { choice: { optedOut: true, at }, wroteAt: null });
  return consent === state.consent ? state : { ...state, consent };
}

/** When the 24-hour window ends or ended; null when the user has not written. */
export function windowEnd({ wroteAt }: ConsentState): number | null {
  return wroteAt === null ? null : wroteAt + WINDOW_MS;
}
