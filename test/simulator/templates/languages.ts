/** The fixed wording of an authentication template in one language; a business cannot change it. */
export interface AuthenticationText {
  /** `{{1}}` stands for the code. */
  body: string;
  security: string;
  /** `{{minutes}}` stands for the code's life. */
  footer: string;
  button: string;
  /** The label of one-tap autofill, which only a preview shows. */
  autofill: string;
}

const ENGLISH: AuthenticationText = {
  body: "{{1}} is your verification code.",
  security: "For your security, do not share this code.",
  footer: "This code expires in {{minutes}} minutes.",
  button: "Copy code",
  autofill: "Autofill",
};

const SPANISH: AuthenticationText = {
  body: "Tu código de verificación es {{1}}.",
  security: "Por tu seguridad, no lo compartas.",
  footer: "Este código caduca en {{minutes}} minutos.",
  button: "Copiar código",
  autofill: "Autocompletar",
};

/**
 * Our own translations: close to what WhatsApp shows, not word for word. Keys are WhatsApp's language codes.
 */
const TEXTS: Record<string, AuthenticationText> = {
  en_US: ENGLISH,
  en_GB: ENGLISH,
  id: {
    body: "{{1}} adalah kode verifikasi Anda.",
    security: "Demi keamanan, jangan bagikan kode ini.",
    footer: "Kode ini kedaluwarsa dalam {{minutes}} menit.",
    button: "Salin kode",
    autofill: "Isi otomatis",
  },
  es: SPANISH,
  es_MX: { ...SPANISH, footer: "Este código vence en {{minutes}} minutos." },
  pt_BR: {
    body: "Seu código de verificação é {{1}}.",
    security: "Para sua segurança, não o compartilhe.",
    footer: "Este código expira em {{minutes}} minutos.",
    button: "Copiar código",
    autofill: "Preencher automaticamente",
  },
  fr: {
    body: "Votre code de vérification est {{1}}.",
    security: "Pour votre sécurité, ne le partagez pas.",
    footer: "Ce code expire dans {{minutes}} minutes.",
    button: "Copier le code",
    autofill: "Remplir",
  },
  de: {
    body: "{{1}} ist dein Bestätigungscode.",
    security: "Teile diesen Code zu deiner Sicherheit mit niemandem.",
    footer: "Dieser Code läuft in {{minutes}} Minuten ab.",
    button: "Code kopieren",
    autofill: "Automatisch ausfüllen",
  },
  it: {
    body: "Il tuo codice di verifica è {{1}}.",
    security: "Per la tua sicurezza, non condividerlo.",
    footer: "Questo codice scade tra {{minutes}} minuti.",
    button: "Copia codice",
    autofill: "Compila automaticamente",
  },
  nl: {
    body: "{{1}} is je verificatiecode.",
    security: "Deel deze code voor je eigen veiligheid niet.",
    footer: "Deze code verloopt over {{minutes}} minuten.",
    button: "Code kopiëren",
    autofill: "Automatisch invullen",
  },
  tr: {
    body: "Doğrulama kodunuz: {{1}}.",
    security: "Güvenliğiniz için bu kodu paylaşmayın.",
    footer: "Bu kodun süresi {{minutes}} dakika içinde dolar.",
    button: "Kodu kopyala",
    autofill: "Otomatik doldur",
  },
  ar: {
    body: "رمز التحقق الخاص بك هو {{1}}.",
    security: "حفاظًا على أمانك، لا تشارك هذا الرمز.",
    footer: "تنتهي صلاحية هذا الرمز خلال {{minutes}} دقائق.",
    button: "نسخ الرمز",
    autofill: "تعبئة تلقائية",
  },
  hi: {
    body: "{{1}} आपका सत्यापन कोड है।",
    security: "अपनी सुरक्षा के लिए, यह कोड किसी को न बताएँ।",
    footer: "यह कोड {{minutes}} मिनट में समाप्त हो जाएगा।",
    button: "कोड कॉपी करें",
    autofill: "ऑटोफ़िल",
  },
  ms: {
    body: "{{1}} ialah kod pengesahan anda.",
    security: "Demi keselamatan anda, jangan kongsi kod ini.",
    footer: "Kod ini tamat tempoh dalam {{minutes}} minit.",
    button: "Salin kod",
    autofill: "Auto isi",
  },
  vi: {
    body: "{{1}} là mã xác minh của bạn.",
    security: "Để bảo mật, đừng chia sẻ mã này.",
    footer: "Mã này hết hạn sau {{minutes}} phút.",
    button: "Sao chép mã",
    autofill: "Tự động điền",
  },
  ru: {
    body: "{{1}} — ваш код подтверждения.",
    security: "В целях безопасности никому его не сообщайте.",
    footer: "Срок действия кода: {{minutes}} мин.",
    button: "Скопировать код",
    autofill: "Автозаполнение",
  },
  zh_CN: {
    body: "{{1}} 是您的验证码。",
    security: "为了您的安全，请勿分享此验证码。",
    footer: "此验证码将在 {{minutes}} 分钟后失效。",
    button: "复制验证码",
    autofill: "自动填充",
  },
  zh_HK: {
    body: "{{1}} 是您的驗證碼。",
    security: "為保障您的安全，請勿分享此驗證碼。",
    footer: "此驗證碼將於 {{minutes}} 分鐘後失效。",
    button: "複製驗證碼",
    autofill: "自動填入",
  },
  ja: {
    body: "{{1}} が確認コードです。",
    security: "安全のため、このコードは誰にも教えないでください。",
    footer: "このコードの有効期限は {{minutes}} 分です。",
    button: "コードをコピー",
    autofill: "自動入力",
  },
  ko: {
    body: "{{1}}이(가) 인증 코드입니다.",
    security: "보안을 위해 이 코드를 공유하지 마세요.",
    footer: "이 코드는 {{minutes}}분 후에 만료됩니다.",
    button: "코드 복사",
    autofill: "자동 완성",
  },
};

/** Languages the starting template is approved in, as WhatsApp spells them. */
export const STARTING_LANGUAGES: readonly string[] = Object.keys(TEXTS);

/** The wording for a WhatsApp language code; English for a language the simulator has no wording for. */
export function authenticationText(language: string): AuthenticationText {
  return TEXTS[language] ?? ENGLISH;
}
