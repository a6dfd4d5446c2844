/** What the user is answered in WhatsApp. A code is never among it: Meta allows codes in authentication templates only. */
export interface Answers {
  readonly done: string;
  /** The button of {@link done}: WhatsApp shows at most 20 characters. */
  readonly notMe: string;
  readonly late: string;
  /** To a user whose messages come without a number. */
  readonly shareNumber: string;
}

/** By language. What is in square brackets is left out for an app without a brand. */
export const ANSWERS: Readonly<Record<string, Answers>> & { readonly en: Answers } = {
  en: {
    done: "Done.[ You may go back to {brand}.] Not you?",
    notMe: "It wasn't me",
    late: "This code is too old.[ Start again at {brand}.]",
    shareNumber: "Share your phone number to go on.",
  },
  id: {
    done: "Selesai.[ Anda bisa kembali ke {brand}.] Bukan Anda?",
    notMe: "Bukan saya",
    late: "Kode ini sudah terlalu lama.[ Mulai lagi di {brand}.]",
    shareNumber: "Bagikan nomor telepon Anda untuk melanjutkan.",
  },
  es: {
    done: "Listo.[ Ya puedes volver a {brand}.] ¿No fuiste tú?",
    notMe: "No fui yo",
    late: "Este código es demasiado antiguo.[ Empieza de nuevo en {brand}.]",
    shareNumber: "Comparte tu número de teléfono para continuar.",
  },
  pt: {
    done: "Pronto.[ Você já pode voltar a {brand}.] Não foi você?",
    notMe: "Não fui eu",
    late: "Este código é antigo demais.[ Comece de novo em {brand}.]",
    shareNumber: "Compartilhe o seu número de telefone para continuar.",
  },
  fr: {
    done: "C’est fait.[ Vous pouvez revenir à {brand}.] Ce n’était pas vous ?",
    notMe: "Ce n’était pas moi",
    late: "Ce code est trop ancien.[ Recommencez chez {brand}.]",
    shareNumber: "Partagez votre numéro de téléphone pour continuer.",
  },
  de: {
    done: "Erledigt.[ Du kannst zu {brand} zurückkehren.] Das warst nicht du?",
    notMe: "Das war ich nicht",
    late: "Dieser Code ist zu alt.[ Beginne neu bei {brand}.]",
    shareNumber: "Teile deine Telefonnummer, um fortzufahren.",
  },
  it: {
    done: "Fatto.[ Puoi tornare a {brand}.] Non eri tu?",
    notMe: "Non ero io",
    late: "Questo codice è troppo vecchio.[ Ricomincia su {brand}.]",
    shareNumber: "Condividi il tuo numero di telefono per continuare.",
  },
  nl: {
    done: "Klaar.[ Je kunt terug naar {brand}.] Was jij dit niet?",
    notMe: "Dat was ik niet",
    late: "Deze code is te oud.[ Begin opnieuw bij {brand}.]",
    shareNumber: "Deel je telefoonnummer om verder te gaan.",
  },
  tr: {
    done: "Tamam.[ {brand} uygulamasına dönebilirsiniz.] Siz değil miydiniz?",
    notMe: "Ben değildim",
    late: "Bu kod çok eski.[ {brand} üzerinde yeniden başlayın.]",
    shareNumber: "Devam etmek için telefon numaranızı paylaşın.",
  },
  ar: {
    done: "تم.[ يمكنك العودة إلى {brand}.] لم تكن أنت؟",
    notMe: "لم أكن أنا",
    late: "هذا الرمز قديم جدًا.[ ابدأ من جديد في {brand}.]",
    shareNumber: "شارك رقم هاتفك للمتابعة.",
  },
  he: {
    done: "בוצע.[ אפשר לחזור אל {brand}.] זה לא היית אתה?",
    notMe: "זה לא אני",
    late: "הקוד הזה ישן מדי.[ יש להתחיל מחדש ב-{brand}.]",
    shareNumber: "יש לשתף את מספר הטלפון כדי להמשיך.",
  },
  ur: {
    done: "ہو گیا۔[ آپ {brand} پر واپس جا سکتے ہیں۔] کیا یہ آپ نہیں تھے؟",
    notMe: "یہ میں نہیں تھا",
    late: "یہ کوڈ بہت پرانا ہے۔[ {brand} پر دوبارہ شروع کریں۔]",
    shareNumber: "جاری رکھنے کے لیے اپنا فون نمبر شیئر کریں۔",
  },
  hi: {
    done: "हो गया।[ आप {brand} पर वापस जा सकते हैं।] क्या यह आप नहीं थे?",
    notMe: "यह मैं नहीं था",
    late: "यह कोड बहुत पुराना है।[ {brand} पर फिर से शुरू करें।]",
    shareNumber: "आगे बढ़ने के लिए अपना फ़ोन नंबर साझा करें।",
  },
  ms: {
    done: "Selesai.[ Anda boleh kembali ke {brand}.] Bukan anda?",
    notMe: "Bukan saya",
    late: "Kod ini terlalu lama.[ Mula semula di {brand}.]",
    shareNumber: "Kongsi nombor telefon anda untuk meneruskan.",
  },
  vi: {
    done: "Xong.[ Bạn có thể quay lại {brand}.] Không phải bạn?",
    notMe: "Không phải tôi",
    late: "Mã này đã quá cũ.[ Hãy bắt đầu lại tại {brand}.]",
    shareNumber: "Hãy chia sẻ số điện thoại của bạn để tiếp tục.",
  },
  ru: {
    done: "Готово.[ Можно вернуться в {brand}.] Это были не вы?",
    notMe: "Это был не я",
    late: "Этот код устарел.[ Начните заново в {brand}.]",
    shareNumber: "Чтобы продолжить, поделитесь номером телефона.",
  },
  "zh-Hans": {
    done: "已完成。[您可以返回 {brand}。]不是您本人？",
    notMe: "不是我",
    late: "此验证码已过期。[请在 {brand} 重新开始。]",
    shareNumber: "请分享您的手机号码以继续。",
  },
  "zh-Hant": {
    done: "已完成。[您可以返回 {brand}。]不是您本人？",
    notMe: "不是我",
    late: "此驗證碼已過期。[請在 {brand} 重新開始。]",
    shareNumber: "請分享您的手機號碼以繼續。",
  },
  ja: {
    done: "完了しました。[{brand} に戻ってください。]心当たりがありませんか？",
    notMe: "自分ではありません",
    late: "このコードは期限切れです。[{brand} でもう一度始めてください。]",
    shareNumber: "続けるには電話番号を共有してください。",
  },
  ko: {
    done: "완료되었습니다.[ {brand}(으)로 돌아가세요.] 본인이 아닌가요?",
    notMe: "제가 아닙니다",
    late: "이 코드는 너무 오래되었습니다.[ {brand}에서 다시 시작하세요.]",
    shareNumber: "계속하려면 전화번호를 공유해 주세요.",
  },
};
