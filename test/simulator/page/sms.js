import { clockTime, element, icon, withCode } from "./elements.js";

/**
 * A text message as a list item, as the phone's other app shows it.
 * @param {object} message as the simulator sends it
 */
export function smsItem({ from, text, code, created_at }) {
  const head = element(
    "p",
    { class: "sms-head" },
    icon("text-message"),
    element("b", {}, "Text message"),
    element("span", {}, `from ${from}`),
    element("time", { datetime: created_at }, clockTime(created_at)),
  );
  const bubble = element("p", { class: "sms-bubble", dir: "auto" }, ...withCode(text, code));
  return element("li", { class: "sms" }, head, bubble, element("div", { class: "delivery" }));
}
