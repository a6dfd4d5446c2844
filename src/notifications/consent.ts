import { advance, type ConsentState, type ContactState, WINDOW_MS } from "./contact-state.ts";

/** What a user says about messages from this business as such. */
export type Word = "stop" | "start";

/** Only words that mean nothing else: "cancel", "end" and "continue" are answers to reminders as well. */
const WORDS: Readonly<Record<Word, string>> = {
  stop:
    "STOP|STOP ALL|STOPALL|UNSUBSCRIBE|OPT OUT|OPT-OUT|BERHENTI|PARAR|SAIR|BAJA|ARRÊT|ARRET|ARRÊTER|STOPP|ABMELDEN|" +
    "DISISCRIVI|AFMELDEN|STOPPEN|DURDUR|СТОП|ОТПИСАТЬСЯ|إيقاف|توقف|बंद करो|रोकें|DỪNG|退订|停止|取消訂閱|配信停止|수신거부|중지",
  start:
    "START|SUBSCRIBE|UNSTOP|OPT IN|OPT-IN|MULAI|INICIAR|ALTA|ANMELDEN|AANMELDEN|BAŞLA|СТАРТ|ابدأ|शुरू करो|BẮT ĐẦU|" +
    "开始|開始|訂閱|订阅|시작",
};

const MEANINGS: ReadonlyMap<string, Word> = new Map(
  (["stop", "start"] as const).flatMap((word) => WORDS[word].split("|").map((text) => [text, word] as const)),
);

/** Reads a message that is nothing but such a word; null for any other. */
export function wordOf(text: string): Word | null {
  return MEANINGS.get(text.normalize("NFC").trim().toUpperCase()) ?? null;
}

/** Joins what is known of a user in two places: the newest of each stands, and of two words in one second STOP. */
export function joinConsent(one: ConsentState, other: ConsentState): ConsentState {
  const wishes = [one.choice, other.choice].filter((wish) => wish !== null);
  const [newest = null] = wishes.sort((a, b) => b.at - a.at || Number(b.optedOut) - Number(a.optedOut));
  const wroteAt = Math.max(one.wroteAt ?? 0, other.wroteAt ?? 0);
  const joined: ConsentState = { choice: newest, wroteAt: wroteAt === 0 ? null : wroteAt };
  const isNews = newest !== one.choice || joined.wroteAt !== one.wroteAt;
  return isNews ? joined : one;
}

/** The present record, with what is known of the user elsewhere. */
export function withConsent(before: ContactState, elsewhere: ConsentState | null, now: number): ContactState {
  const state = advance(before, now);
  const standing = elsewhere === null ? state.consent : joinConsent(state.consent, elsewhere);
  return standing === state.consent ? state : advance({ ...state, consent: standing }, now);
}

/** Remembers that a user stopped messages in WhatsApp itself. */
export function optOut(state: ContactState, at: number): ContactState {
  const standing = joinConsent(state.consent, { choice: { optedOut: true, at }, wroteAt: null });
  return standing === state.consent ? state : { ...state, consent: standing };
}

/** When free-form messages end, or ended; null where no message of the user's is known. */
export function windowEnd({ wroteAt }: ConsentState): number | null {
  return wroteAt === null ? null : wroteAt + WINDOW_MS;
}
