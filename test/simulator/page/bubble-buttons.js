import { callWithWebhook } from "./control.js";
import { copy, element, icon, toast } from "./elements.js";

/** By a button's type: its symbol, its role, and what a tap does. */
const KINDS = {
  copy_code: { icon: "copy", tap: (_, { code }) => copy(code, `Code ${code} copied`) },
  quick_reply: {
    icon: "reply",
    tap: ({ payload }, { id, to }) =>
      callWithWebhook("/inbound", { from: to, button_payload: payload, context_id: id }, "Tapped"),
  },
  share_number: {
    icon: "person",
    tap: (_, { to }) =>
      callWithWebhook("/inbound", { from: to, shares_number: true, without_number: true }, "Shared"),
  },
  // A simulated message must not lead anyone anywhere.
  url: { icon: "link", role: "link", tap: ({ url }) => toast(`Would open ${url}`) },
  phone_number: {
    icon: "call",
    role: "link",
    tap: ({ phone_number }) => toast(`Would call ${phone_number}`),
  },
};

/**
 * One button of a WhatsApp message.
 * @param {object} button as the simulator sends it
 * @param {object} message
 */
export function bubbleButton(button, message) {
  const kind = KINDS[button.type];
  const node = element(
    "button",
    { type: "button", class: "bubble-button", ...(kind.role && { role: kind.role }) },
    icon(kind.icon),
    element("span", { dir: "auto" }, button.text),
  );
  if (button.type === "url") node.title = button.url;
  node.addEventListener("click", () => kind.tap(button, message));
  return node;
}
