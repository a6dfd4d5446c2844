/** What a user says by the message, in their own words, and the warning that ends it. */
export interface Sentences {
  readonly signup: string;
  readonly login: string;
  readonly recovery: string;
  /** Names amount and payee. */
  readonly payment: string;
  /** For every other purpose. */
  readonly other: string;
  /** Of a stranger who sends the link to another person. */
  readonly warning: string;
}

/** By language. What is in square brackets is left out for an app without a brand. */
export const SENTENCES: Readonly<Record<string, Sentences>> & { readonly en: Sentences } = {
  en: {
    signup: "Confirm my sign-up[ at {brand}]",
    login: "Confirm my login[ at {brand}]",
    recovery: "Recover my account[ at {brand}]",
    payment: "Confirm my payment of {amount} to {payee}[ at {brand}]",
    other: "Confirm my phone number[ at {brand}]",
    warning: "If somebody asked you to send this, do not.",
  },
  id: {
    signup: "Konfirmasi pendaftaran saya[ di {brand}]",
    login: "Konfirmasi login saya[ di {brand}]",
    recovery: "Pulihkan akun saya[ di {brand}]",
    payment: "Konfirmasi pembayaran saya {amount} kepada {payee}[ di {brand}]",
    other: "Konfirmasi nomor telepon saya[ di {brand}]",
    warning: "Jika seseorang meminta Anda mengirim ini, jangan kirim.",
  },
  es: {
    signup: "Confirmo mi registro[ en {brand}]",
    login: "Confirmo mi inicio de sesión[ en {brand}]",
    recovery: "Quiero recuperar mi cuenta[ en {brand}]",
    payment: "Confirmo mi pago de {amount} a {payee}[ en {brand}]",
    other: "Confirmo mi número de teléfono[ en {brand}]",
    warning: "Si alguien te pidió enviar esto, no lo envíes.",
  },
  pt: {
    signup: "Confirmo o meu cadastro[ em {brand}]",
    login: "Confirmo o meu acesso[ em {brand}]",
    recovery: "Quero recuperar a minha conta[ em {brand}]",
    payment: "Confirmo o meu pagamento de {amount} a {payee}[ em {brand}]",
    other: "Confirmo o meu número de telefone[ em {brand}]",
    warning: "Se alguém pediu que você enviasse isto, não envie.",
  },
  fr: {
    signup: "Je confirme mon inscription[ chez {brand}]",
    login: "Je confirme ma connexion[ chez {brand}]",
    recovery: "Je récupère mon compte[ chez {brand}]",
    payment: "Je confirme mon paiement de {amount} à {payee}[ chez {brand}]",
    other: "Je confirme mon numéro de téléphone[ chez {brand}]",
    warning: "Si quelqu’un vous a demandé d’envoyer ceci, ne le faites pas.",
  },
  de: {
    signup: "Ich bestätige meine Registrierung[ bei {brand}]",
    login: "Ich bestätige meine Anmeldung[ bei {brand}]",
    recovery: "Ich stelle mein Konto wieder her[ bei {brand}]",
    payment: "Ich bestätige meine Zahlung von {amount} an {payee}[ bei {brand}]",
    other: "Ich bestätige meine Telefonnummer[ bei {brand}]",
    warning: "Hat dich jemand gebeten, das zu senden? Dann sende es nicht.",
  },
  it: {
    signup: "Confermo la mia registrazione[ su {brand}]",
    login: "Confermo il mio accesso[ su {brand}]",
    recovery: "Recupero il mio account[ su {brand}]",
    payment: "Confermo il mio pagamento di {amount} a {payee}[ su {brand}]",
    other: "Confermo il mio numero di telefono[ su {brand}]",
    warning: "Se qualcuno ti ha chiesto di inviarlo, non farlo.",
  },
  nl: {
    signup: "Ik bevestig mijn registratie[ bij {brand}]",
    login: "Ik bevestig mijn aanmelding[ bij {brand}]",
    recovery: "Ik herstel mijn account[ bij {brand}]",
    payment: "Ik bevestig mijn betaling van {amount} aan {payee}[ bij {brand}]",
    other: "Ik bevestig mijn telefoonnummer[ bij {brand}]",
    warning: "Heeft iemand je gevraagd dit te sturen? Doe het dan niet.",
  },
  tr: {
    signup: "[{brand}: ]Kaydımı onaylıyorum",
    login: "[{brand}: ]Girişimi onaylıyorum",
    recovery: "[{brand}: ]Hesabımı kurtarmak istiyorum",
    payment: "[{brand}: ]{payee} için {amount} ödememi onaylıyorum",
    other: "[{brand}: ]Telefon numaramı onaylıyorum",
    warning: "Bunu göndermenizi biri istediyse göndermeyin.",
  },
  ar: {
    signup: "أؤكد تسجيلي[ في {brand}]",
    login: "أؤكد تسجيل دخولي[ إلى {brand}]",
    recovery: "أريد استعادة حسابي[ في {brand}]",
    payment: "أؤكد دفع {amount} إلى {payee}[ في {brand}]",
    other: "أؤكد رقم هاتفي[ في {brand}]",
    warning: "إذا طلب منك شخص ما إرسال هذا، فلا ترسله.",
  },
  he: {
    signup: "אישור ההרשמה שלי[ ב-{brand}]",
    login: "אישור הכניסה שלי[ ל-{brand}]",
    recovery: "שחזור החשבון שלי[ ב-{brand}]",
    payment: "אישור התשלום שלי בסך {amount} אל {payee}[ ב-{brand}]",
    other: "אישור מספר הטלפון שלי[ ב-{brand}]",
    warning: "אם מישהו ביקש ממך לשלוח את זה, אין לשלוח.",
  },
  ur: {
    signup: "[{brand} پر ]میری رجسٹریشن کی تصدیق",
    login: "[{brand} پر ]میرے لاگ اِن کی تصدیق",
    recovery: "[{brand} پر ]میرا اکاؤنٹ بحال کریں",
    payment: "[{brand} پر ]{payee} کو {amount} کی ادائیگی کی تصدیق",
    other: "[{brand} پر ]میرے فون نمبر کی تصدیق",
    warning: "اگر کسی نے آپ سے یہ بھیجنے کو کہا ہے تو نہ بھیجیں۔",
  },
  hi: {
    signup: "[{brand} पर ]मेरे पंजीकरण की पुष्टि करें",
    login: "[{brand} पर ]मेरे लॉगिन की पुष्टि करें",
    recovery: "[{brand} पर ]मेरा खाता वापस दिलाएँ",
    payment: "[{brand} पर ]{payee} को {amount} के मेरे भुगतान की पुष्टि करें",
    other: "[{brand} पर ]मेरे फ़ोन नंबर की पुष्टि करें",
    warning: "अगर किसी ने आपसे यह भेजने को कहा है, तो न भेजें।",
  },
  ms: {
    signup: "Sahkan pendaftaran saya[ di {brand}]",
    login: "Sahkan log masuk saya[ di {brand}]",
    recovery: "Pulihkan akaun saya[ di {brand}]",
    payment: "Sahkan bayaran saya {amount} kepada {payee}[ di {brand}]",
    other: "Sahkan nombor telefon saya[ di {brand}]",
    warning: "Jika seseorang meminta anda menghantar ini, jangan hantar.",
  },
  vi: {
    signup: "Xác nhận đăng ký của tôi[ tại {brand}]",
    login: "Xác nhận đăng nhập của tôi[ tại {brand}]",
    recovery: "Khôi phục tài khoản của tôi[ tại {brand}]",
    payment: "Xác nhận tôi thanh toán {amount} cho {payee}[ tại {brand}]",
    other: "Xác nhận số điện thoại của tôi[ tại {brand}]",
    warning: "Nếu có ai bảo bạn gửi tin này, đừng gửi.",
  },
  ru: {
    signup: "Подтверждаю регистрацию[ в {brand}]",
    login: "Подтверждаю вход[ в {brand}]",
    recovery: "Восстанавливаю свой аккаунт[ в {brand}]",
    payment: "Подтверждаю оплату {amount}, получатель: {payee}[, сервис: {brand}]",
    other: "Подтверждаю номер телефона[ для {brand}]",
    warning: "Если вас кто-то попросил это отправить, не отправляйте.",
  },
  "zh-Hans": {
    signup: "确认我[在 {brand} ]的注册",
    login: "确认我[在 {brand} ]的登录",
    recovery: "找回我[在 {brand} ]的账户",
    payment: "确认我[在 {brand} ]向 {payee} 支付 {amount}",
    other: "确认我[在 {brand} ]的手机号码",
    warning: "如果有人让您发送此消息，请勿发送。",
  },
  "zh-Hant": {
    signup: "確認我[在 {brand} ]的註冊",
    login: "確認我[在 {brand} ]的登入",
    recovery: "找回我[在 {brand} ]的帳戶",
    payment: "確認我[在 {brand} ]向 {payee} 支付 {amount}",
    other: "確認我[在 {brand} ]的手機號碼",
    warning: "如果有人要您傳送此訊息，請勿傳送。",
  },
  ja: {
    signup: "[{brand} の]会員登録を確認します",
    login: "[{brand} の]ログインを確認します",
    recovery: "[{brand} の]アカウントを復旧します",
    payment: "[{brand} での]{payee} への {amount} の支払いを確認します",
    other: "[{brand} で]電話番号を確認します",
    warning: "誰かに頼まれた場合は送信しないでください。",
  },
  ko: {
    signup: "[{brand} ]회원가입을 확인합니다",
    login: "[{brand} ]로그인을 확인합니다",
    recovery: "[{brand} ]계정을 복구합니다",
    payment: "[{brand} ]{payee}에 {amount} 결제를 확인합니다",
    other: "[{brand} ]전화번호를 확인합니다",
    warning: "누군가가 보내 달라고 했다면 보내지 마세요.",
  },
};
