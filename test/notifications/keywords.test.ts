import { describe, expect, it } from "vitest";
import { keywordIn } from "../../src/notifications/keywords.ts";

describe("an opt-out or opt-in", () => {
  it.each([
    ["STOP", "stop"],
    [" stop \n", "stop"],
    ["Berhenti", "stop"],
    ["arrêt", "stop"],
    ["arre\u0302t", "stop"],
    ["Стоп", "stop"],
    ["退订", "stop"],
    ["start", "start"],
    ["Mulai", "start"],
    ["stop it", null],
    ["Please STOP", null],
    ["cancel", null],
    ["", null],
  ])("is recognized only as the whole message: %j is %s", (text, word) => {
    expect(keywordIn(text)).toBe(word);
  });

  it.each([
    "Stop.",
    "STOP!!!",
    "stop…",
    "“STOP”",
    "«stop»",
    "'Stop'",
    "(stop)",
    "*STOP*",
    "STOP 🙏",
    "🛑STOP🛑",
    "STOP ✋🏽",
    "STOP ❤️",
    "STOP 🙅‍♀️",
    "ＳＴＯＰ",
    "\u200eSTOP\u200f",
    "Opt-out",
    "opt out",
    "STOP ALL",
    "Stop promotions",
    "Unsubscribe.",
    "¡ALTO!",
  ])("is recognized with what people write around it: %j", (text) => {
    expect(keywordIn(text)).toBe("stop");
  });

  it.each([
    ["English", ["stop", "unsubscribe"]],
    ["Indonesian", ["berhenti", "batal"]],
    ["Malay", ["berhenti", "batal"]],
    ["Portuguese", ["pare", "PARAR", "Sair"]],
    ["Spanish", ["baja", "alto", "detener", "PARAR"]],
    ["French", ["arrêt", "ARRET", "Arrêter", "désabonner"]],
    ["German", ["Stopp", "abmelden"]],
    ["Italian", ["disiscrivi", "ferma"]],
    ["Dutch", ["afmelden", "stoppen"]],
    ["Turkish", ["dur", "DURDUR", "iptal", "İPTAL", "IPTAL"]],
    ["Arabic", ["قف", "إلغاء", "الغاء", "إيقاف", "توقـف"]],
    ["Hindi", ["रोकें", "बंद करो", "रोकें।"]],
    ["Vietnamese", ["dừng", "DỪNG", "hủy đăng ký"]],
    ["Russian", ["стоп", "Отписаться."]],
    ["Chinese", ["停止", "退订", "退訂", "取消订阅", "退订。"]],
    ["Japanese", ["配信停止", "停止"]],
    ["Korean", ["수신거부", "수신 거부", "중지"]],
  ])("is recognized in %s", (_, texts) => {
    for (const text of texts) expect([text, keywordIn(text)]).toEqual([text, "stop"]);
  });

  it.each([
    "stop, he is not coming",
    "Stop sending me the wrong parcel",
    "Does the bus stop there?",
    "non-stop",
    "bus stop",
    "Don't stop",
    "STOP2",
    "parar de fumar",
    "no pare",
    "cancel",
    "🙏",
    `STOP ${"!".repeat(300)}`,
  ])("is not seen in a sentence: %j", (text) => {
    expect(keywordIn(text)).toBeNull();
  });

  it.each(["Start!", "Başla", "BAŞLA", "ALTA.", "开始"])("is taken back by %j", (text) => {
    expect(keywordIn(text)).toBe("start");
  });
});
