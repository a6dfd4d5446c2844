import type { TemplateButton } from "./template.ts";

/** Kinds of values that Meta checks when a template of its library is sent. */
type ParameterType = "TEXT" | "AMOUNT" | "DATE" | "NUMBER" | "PHONE NUMBER" | "EMAIL" | "ADDRESS";

/** A template of Meta's library in one language, as `GET /message_template_library` lists it. */
export interface LibraryTemplate {
  id: string;
  name: string;
  language: string;
  category: "UTILITY";
  topic: string;
  usecase: string;
  industry: string[];
  header?: string;
  body: string;
  body_params: string[];
  body_param_types: ParameterType[];
  buttons?: TemplateButton[];
}

const ORDER_SHIPPED = {
  en_US: {
    header: "Order shipped",
    body: "Hi {{1}},\n\nYour order {{2}} has been shipped and is on its way.",
  },
  es: { header: "Pedido enviado", body: "Hola, {{1}}:\n\nTu pedido {{2}} ha sido enviado y está en camino." },
  pt_BR: { header: "Pedido enviado", body: "Olá, {{1}},\n\nSeu pedido {{2}} foi enviado e está a caminho." },
  de: {
    header: "Bestellung verschickt",
    body: "Hallo {{1}},\n\ndeine Bestellung {{2}} ist unterwegs zu dir.",
  },
};

/**
 * A few templates of the library, close to Meta's and not word for word: one of texts alone, one with a button, and
 * one with an amount. Their shape is that of Meta's page "Template library".
 */
export const LIBRARY: readonly LibraryTemplate[] = [
  ...Object.entries(ORDER_SHIPPED).map(
    ([language, { header, body }], index): LibraryTemplate => ({
      id: String(7_138_055_039_625_000 + index),
      name: "order_shipped",
      language,
      category: "UTILITY",
      topic: "ORDER_MANAGEMENT",
      usecase: "SHIPMENT_CONFIRMATION",
      industry: ["E_COMMERCE"],
      header,
      body,
      body_params: ["John", "12345"],
      body_param_types: ["TEXT", "TEXT"],
    }),
  ),
  {
    id: "7138055039625100",
    name: "shipment_confirmation_4",
    language: "en_US",
    category: "UTILITY",
    topic: "ORDER_MANAGEMENT",
    usecase: "SHIPMENT_CONFIRMATION",
    industry: ["E_COMMERCE"],
    header: "Your order is on its way!",
    body: "Hi {{1}},\n\nWe're happy to tell you that your order {{2}} has been shipped!",
    body_params: ["John", "12345"],
    body_param_types: ["TEXT", "TEXT"],
    buttons: [{ type: "URL", text: "View order details", url: "https://www.example.com/" }],
  },
  {
    id: "7138055039625200",
    name: "recharge_successful",
    language: "en_US",
    category: "UTILITY",
    topic: "PAYMENTS",
    usecase: "PAYMENT_CONFIRMATION",
    industry: ["FINANCIAL_SERVICES"],
    header: "Top-up successful",
    body: "Hi {{1}}, your top-up of {{2}} was successful. Your new balance is {{3}}.",
    body_params: ["John", "$10.00", "$12.34"],
    body_param_types: ["TEXT", "AMOUNT", "AMOUNT"],
  },
];
