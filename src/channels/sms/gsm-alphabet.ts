/** The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1), less the control characters. */
const GSM_ALPHABET = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§" +
    "¿abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€",
);

/** Whether an SMS can carry the text without switching to UCS-2. */
export function isInGsmAlphabet(text: string): boolean {
  return [...text].every((character) => GSM_ALPHABET.has(character));
}
