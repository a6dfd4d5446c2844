import { bubbleButton } from "./bubble-buttons.js";
import { callWithWebhook } from "./control.js";
import { clockTime, copy, element, icon, withCode } from "./elements.js";
import { quoteOf } from "./reply.js";
import { smsItem } from "./sms.js";

const STATES = {
  accepted: { icon: "clock", label: "Accepted" },
  sent: { icon: "tick", label: "Sent" },
  delivered: { icon: "ticks", label: "Delivered" },
  read: { icon: "ticks", label: "Read" },
};

/**
 * A message as a list item. The user never got a failed one, so that is a line, not a bubble.
 * @param {object} message as the simulator sends it
 * @param {object | undefined} quoted the message it answers
 */
export function messageItem(message, quoted) {
  if (message.status === "failed") return failedItem(message);
  if (message.channel === "sms") {
    const item = smsItem(message);
    showStatus(item, message);
    return item;
  }
  const bubble = element(
    "div",
    { class: "bubble", lang: (message.language ?? "").replace("_", "-") },
    ...quoteOf(quoted),
    element("div", { class: "content" }, ...headerOf(message), bodyText(message), foot(message)),
    ...message.buttons.map((button) => bubbleButton(button, message)),
  );
  const item = element("li", { class: "message" }, bubble, element("div", { class: "delivery" }));
  bubble.addEventListener("click", () => {
    if (item.dataset.status !== "read") void markRead(message.id);
  });
  showStatus(item, message);
  return item;
}

/**
 * Brings a shown message up to date; keeps its elements, so that focus and selection stay.
 * @param {HTMLElement} item
 * @param {object} message
 * @returns {HTMLElement} the item to show from now on
 */
export function updatedItem(item, message) {
  if (item.dataset.status === message.status) return item;
  if (message.status === "failed" || item.dataset.status === "failed") {
    const replacement = messageItem(message);
    item.replaceWith(replacement);
    return replacement;
  }
  showStatus(item, message);
  return item;
}

function showStatus(item, { id, channel, code, status }) {
  item.dataset.status = status;
  const delivery = item.querySelector(".delivery");
  const hadFocus = delivery.contains(document.activeElement);
  const { label } = STATES[status];
  // Ticks are WhatsApp's.
  const mark = channel === "whatsapp" ? [icon(STATES[status].icon)] : [];
  const state = element("span", { class: `state ${status}` }, ...mark, label);
  delivery.replaceChildren(state);
  if (channel === "sms" && code !== null) {
    const copyButton = element("button", { type: "button" }, "Copy code");
    copyButton.addEventListener("click", () => copy(code, `Code ${code} copied`));
    delivery.append(copyButton);
  }
  if (channel === "whatsapp" && status !== "read") {
    const read = element("button", { type: "button" }, "Mark as read");
    read.addEventListener("click", () => markRead(id));
    delivery.append(read);
  }
  // The button that had it is gone; the next one of this message is the nearest place.
  if (hadFocus) item.querySelector(".delivery button, .bubble-button")?.focus();
}

function bodyText({ body, code }) {
  return element("p", { class: "body", dir: "auto" }, ...withCode(body, code));
}

function headerOf({ header }) {
  return header === null ? [] : [element("p", { class: "header", dir: "auto" }, header)];
}

function foot({ footer, created_at }) {
  const time = element("time", { datetime: created_at }, clockTime(created_at));
  return element(
    "div",
    { class: "foot" },
    ...(footer === null ? [] : [element("span", { dir: "auto" }, footer)]),
    time,
  );
}

function failedItem(message) {
  const { error, created_at, status, channel } = message;
  const reason = error === null ? "" : `: ${error.title} (${error.code})`;
  const what = channel === "sms" ? "Text message not delivered" : "Not delivered";
  return element(
    "li",
    { class: "event failed", "data-status": status },
    `${what} at ${clockTime(created_at)}${reason}`,
  );
}

function markRead(id) {
  return callWithWebhook(`/messages/${encodeURIComponent(id)}/status`, { status: "read" }, "Read");
}
