/** A user's instruction about messages from this business. */
export type Keyword = "stop" | "start";

/**
 * The usual words of the languages that codes and templates are written in. They are common short codes of SMS too,
 * so that users know them. English "cancel", "end" and "continue" are missing: they also answer reminders. The Malay,
 * Turkish and Arabic words for "cancel" are how their speakers end a subscription.
 */
const KEYWORDS: Readonly<Record<Keyword, readonly string[]>> = {
  stop: [
    // English; the last one is the label of WhatsApp's own button below marketing messages.
    "stop|stop all|stopall|unsubscribe|opt out|optout|stop promotions",
    // Indonesian and Malay
    "berhenti|berhenti berlangganan|hentikan|batal",
    // Portuguese
    "pare|parar|sair|descadastrar|cancelar inscrição",
    // Spanish
    "alto|baja|darme de baja|dar de baja|detener|desuscribir|cancelar suscripción",
    // French
    "arrêt|arret|arrêter|arreter|arrêtez|arretez|désabonner|desabonner|se désabonner",
    // German
    "stopp|abmelden|abbestellen",
    // Italian
    "disiscrivi|disiscrivimi|ferma",
    // Dutch
    "afmelden|stoppen|uitschrijven",
    // Turkish
    "dur|durdur|iptal|ret",
    // Arabic, with and without its hamza
    "قف|توقف|إيقاف|ايقاف|أوقف|اوقف|إلغاء|الغاء|إلغاء الاشتراك|الغاء الاشتراك",
    // Hindi
    "रोकें|रोको|बंद|बंद करो|बंद करें|स्टॉप",
    // Vietnamese
    "dừng|dừng lại|hủy đăng ký|huỷ đăng ký",
    // Russian
    "стоп|отписаться|отписка|отпишите",
    // Chinese
    "停止|退订|退訂|取消订阅|取消訂閱",
    // Japanese
    "配信停止|配信解除|ストップ",
    // Korean
    "수신거부|수신 거부|중지|구독취소|구독 취소",
  ],
  start: [
    "start|subscribe|unstop|opt in|optin|mulai|iniciar|alta|anmelden|aanmelden|başla|старт|ابدأ|ابدا",
    "शुरू करो|शुरू करें|bắt đầu|开始|開始|订阅|訂閱|시작",
  ],
};

const KEYWORDS_BY_TEXT: ReadonlyMap<string, Keyword> = new Map(
  (["stop", "start"] as const).flatMap((keyword) =>
    KEYWORDS[keyword].flatMap((line) => line.split("|")).map((words) => [wordsOf(words), keyword] as const),
  ),
);

/** The longest keyword with generous decoration; a longer message is a sentence. */
const LONGEST = 200;

/**
 * The keyword if the message consists of it alone; null otherwise. Case, punctuation, quotes and emoji around the
 * words do not matter: "Stop.", "“STOP”" and "STOP 🙏" are meant as much as "stop".
 */
export function keywordIn(text: string): Keyword | null {
  return text.length > LONGEST ? null : (KEYWORDS_BY_TEXT.get(wordsOf(text)) ?? null);
}

/** The words of a text, in one case and form, with a space between them. */
function wordsOf(text: string): string {
  return (
    text
      .normalize("NFKC")
      // Joiners, variation selectors of emoji, direction marks; and the stroke that only lengthens Arabic words.
      .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}\u0640]/gu, "")
      .replace(/[^\p{L}\p{M}\p{N}]+/gu, " ")
      .trim()
      .toUpperCase()
      // The Turkish capital of "i"; other languages write I for it.
      .replaceAll("İ", "I")
  );
}
