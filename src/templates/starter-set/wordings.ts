import type { LibrarySource } from "../library.ts";

/** The texts of a utility template, by WhatsApp's language code. */
export interface Wording {
  /** Example values for WhatsApp's review, the same in every language. */
  readonly examples: Readonly<Record<string, string>>;
  readonly bodies: Readonly<Record<string, string>>;
  /** The template of Meta's library that says the same, and these parameters in the order of its numbers. */
  readonly library?: LibrarySource;
}

/**
 * Common notifications of a business. The texts are purely factual, because WhatsApp classifies promotional
 * texts as marketing.
 */
export const WORDINGS: Readonly<Record<string, Wording>> = {
  payment_confirmation: {
    examples: { name: "Ana", amount: "IDR 150,000", order: "A-77" },
    bodies: {
      en_US: "Hi {{name}}, we have received your payment of {{amount}} for order {{order}}. Thank you.",
      id: "Halo {{name}}, pembayaran Anda sebesar {{amount}} untuk pesanan {{order}} sudah kami terima. Terima kasih.",
      es: "Hola, {{name}}: hemos recibido tu pago de {{amount}} por el pedido {{order}}. Gracias.",
      pt_BR: "Olá, {{name}}! Recebemos seu pagamento de {{amount}} referente ao pedido {{order}}. Obrigado.",
      fr: "Bonjour {{name}}, nous avons bien reçu votre paiement de {{amount}} pour la commande {{order}}. Merci.",
    },
  },
  appointment_reminder: {
    examples: { name: "Ana", date: "12 May", time: "10:30" },
    bodies: {
      en_US:
        "Hi {{name}}, this is a reminder of your appointment on {{date}} at {{time}}. Reply to this message if you " +
        "cannot make it.",
      id:
        "Halo {{name}}, kami mengingatkan janji temu Anda pada {{date}} pukul {{time}}. Balas pesan ini jika Anda " +
        "berhalangan.",
      es:
        "Hola, {{name}}: te recordamos tu cita del {{date}} a las {{time}}. Responde a este mensaje si no puedes " +
        "acudir.",
      pt_BR:
        "Olá, {{name}}! Este é um lembrete do seu horário em {{date}} às {{time}}. Responda a esta mensagem se não " +
        "puder comparecer.",
      fr:
        "Bonjour {{name}}, nous vous rappelons votre rendez-vous du {{date}} à {{time}}. Répondez à ce message en cas " +
        "d'empêchement.",
    },
  },
  shipping_update: {
    examples: { name: "Ana", order: "A-77" },
    // The others of the library that come near have a button to the team's own page, or parameters that differ.
    library: { name: "order_shipped", parameters: ["name", "order"] },
    bodies: {
      en_US: "Hi {{name}}, your order {{order}} has been shipped and is on its way to you.",
      id: "Halo {{name}}, pesanan Anda {{order}} sudah dikirim dan sedang dalam perjalanan.",
      es: "Hola, {{name}}: tu pedido {{order}} ha sido enviado y está en camino.",
      pt_BR: "Olá, {{name}}! Seu pedido {{order}} foi enviado e está a caminho.",
      fr: "Bonjour {{name}}, votre commande {{order}} a été expédiée et elle est en route.",
    },
  },
  suspicious_activity: {
    examples: { name: "Ana", time: "12 May, 10:30", place: "Jakarta" },
    bodies: {
      en_US:
        "Hi {{name}}, somebody signed in to your account on {{time}} from {{place}}. If it was not you, change your " +
        "password now.",
      id:
        "Halo {{name}}, ada yang masuk ke akun Anda pada {{time}} dari {{place}}. Jika bukan Anda, segera ganti kata " +
        "sandi Anda.",
      es:
        "Hola, {{name}}: alguien ha accedido a tu cuenta el {{time}} desde {{place}}. Si no has sido tú, cambia tu " +
        "contraseña ahora.",
      pt_BR:
        "Olá, {{name}}! Alguém entrou na sua conta em {{time}}, de {{place}}. Se não foi você, troque sua senha agora.",
      fr:
        "Bonjour {{name}}, quelqu'un s'est connecté à votre compte le {{time}} depuis {{place}}. Si ce n'était pas " +
        "vous, changez votre mot de passe sans attendre.",
    },
  },
};
