import { messageItem, updatedItem } from "./bubble.js";
import { copy, element, icon, toast } from "./elements.js";
import { showNumbers } from "./numbers.js";

const find = (id) => document.getElementById(id);
const view = {
  numbers: find("numbers"),
  messages: find("messages"),
  chat: find("chat"),
  empty: find("empty"),
  notice: find("notice"),
  unreachable: find("unreachable"),
  unreachableBySms: find("unreachable-by-sms"),
  recipient: find("recipient"),
  announcer: find("announcer"),
  example: find("example"),
};

/** All messages by id, oldest first. */
let messages = new Map();
let unreachable = new Set();
let unreachableBySms = new Set();
let selected = null;
/** The shown chat's list items by message id. */
let items = new Map();

const stream = new EventSource("/_sim/events");

listen("snapshot", (snapshot) => {
  messages = new Map(snapshot.messages.map((message) => [message.id, message]));
  unreachable = new Set(snapshot.unreachable);
  unreachableBySms = new Set(snapshot.unreachable_by_sms);
  find("business").textContent = snapshot.business;
  view.example.hidden = snapshot.curl_example === null;
  view.example.querySelector("code").textContent = snapshot.curl_example ?? "";
  if (!numbers().some(({ number }) => number === selected)) selected = numbers()[0]?.number ?? null;
  showChat();
});

listen("message", ({ message }) => {
  const isNew = !messages.has(message.id);
  messages.set(message.id, message);
  if (isNew && message.to !== selected) {
    selected = message.to;
    showChat();
    items.get(message.id)?.classList.add("arriving");
  } else if (message.to === selected) {
    showMessage(message, isNew);
  }
  showBench();
  if (isNew) view.announcer.textContent = `New message for ${message.to}: ${message.text}`;
});

listen("unreachable", (change) => {
  unreachable = new Set(change.numbers);
  unreachableBySms = new Set(change.by_sms);
  if (selected === null) selected = numbers()[0]?.number ?? null;
  showChat();
});

listen("forgotten", () => {
  messages.clear();
  unreachable.clear();
  unreachableBySms.clear();
  selected = null;
  showChat();
});

stream.addEventListener("error", () => toast("The simulator is not running. Waiting for it…"));

view.unreachable.addEventListener("click", () => setNumber({ on_whatsapp: unreachable.has(selected) }));
view.unreachableBySms.addEventListener("click", () => setNumber({ sms: unreachableBySms.has(selected) }));

view.example.querySelector("button").addEventListener("click", () => {
  void copy(view.example.querySelector("code").textContent, "Command copied");
});

showTime();
setInterval(showTime, 5_000);

function listen(type, handle) {
  stream.addEventListener(type, (event) => handle(JSON.parse(event.data)));
}

async function setNumber(change) {
  const response = await fetch(`/_sim/numbers/${encodeURIComponent(selected)}`, {
    method: "PUT",
    body: JSON.stringify(change),
  });
  if (!response.ok) toast("The simulator refused the change");
}

/** Every number with something to show, the latest active first. */
function numbers() {
  const entries = new Map();
  for (const message of messages.values()) {
    const unread = (entries.get(message.to)?.unread ?? 0) + (isUnread(message) ? 1 : 0);
    entries.delete(message.to);
    entries.set(message.to, { number: message.to, latest: message, unread });
  }
  const silent = [...unreachable.union(unreachableBySms)].filter((number) => !entries.has(number));
  return [...entries.values()]
    .reverse()
    .concat(silent.map((number) => ({ number, latest: null, unread: 0 })));
}

/** Nobody learns that an SMS was read, so it is never waiting to be. */
function isUnread({ channel, status }) {
  return channel === "whatsapp" && status !== "read" && status !== "failed";
}

function showBench() {
  showNumbers(view.numbers, numbers(), selected, (number) => {
    selected = number;
    showChat();
  });
  for (const [toggle, numbersWithout] of [
    [view.unreachable, unreachable],
    [view.unreachableBySms, unreachableBySms],
  ]) {
    toggle.hidden = selected === null;
    toggle.setAttribute("aria-checked", String(numbersWithout.has(selected)));
  }
  view.recipient.textContent = selected === null ? "Business account" : `to ${selected}`;
  const unread = [...messages.values()].filter(isUnread).length;
  document.title = `${unread > 0 ? `(${unread}) ` : ""}Sandi · phone simulator`;
}

function showChat() {
  items = new Map();
  view.messages.replaceChildren();
  for (const message of messages.values()) if (message.to === selected) showMessage(message, false);
  view.empty.hidden = selected !== null;
  if (selected !== null && unreachable.has(selected)) {
    view.notice.replaceChildren(`${selected} is not on WhatsApp: messages to it fail.`);
  } else {
    view.notice.replaceChildren(icon("lock"), " Simulated. Nothing here reaches WhatsApp.");
  }
  showBench();
}

function showMessage(message, isNew) {
  const shown = items.get(message.id);
  if (shown) {
    items.set(message.id, updatedItem(shown, message));
    return;
  }
  const item = messageItem(message);
  if (isNew) item.classList.add("arriving");
  items.set(message.id, item);
  showDay(message.created_at);
  view.messages.append(item);
  view.chat.scrollTop = view.chat.scrollHeight;
}

function showDay(iso) {
  const date = new Date(iso);
  const day = date.toDateString();
  if ([...view.messages.querySelectorAll(".day")].at(-1)?.dataset.day === day) return;
  const label =
    day === new Date().toDateString()
      ? "Today"
      : new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(date);
  view.messages.append(element("li", { class: "day", "data-day": day }, label));
}

function showTime() {
  find("clock-time").textContent = new Intl.DateTimeFormat(undefined, {
    hour: "numeric",
    minute: "2-digit",
    hour12: false,
  }).format(new Date());
}
