import { clockTime, element, icon } from "./elements.js";

/**
 * What the user wrote or tapped, as a list item.
 * @param {object} message as the simulator sends it
 * @param {object | undefined} quoted the message whose button was tapped
 */
export function replyItem({ text, created_at }, quoted) {
  const time = element("time", { datetime: created_at }, clockTime(created_at), icon("ticks"));
  const bubble = element(
    "div",
    { class: "bubble" },
    ...quoteOf(quoted),
    element("div", { class: "content" }, element("p", { class: "body", dir: "auto" }, text), time),
  );
  return element("li", { class: "message own" }, element("span", { class: "unseen" }, "You wrote: "), bubble);
}

/** The message that another one answers, in short; nothing where it is unknown. */
export function quoteOf(quoted) {
  if (!quoted) return [];
  const who = element("b", {}, quoted.isOwn ? "You" : document.getElementById("business").textContent);
  return [element("blockquote", {}, who, element("p", { dir: "auto" }, quoted.body ?? quoted.text))];
}
