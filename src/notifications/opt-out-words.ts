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
