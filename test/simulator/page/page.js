import { Chat } from "./chat.js";
import { Composer } from "./composer.js";
import { call } from "./control.js";
import { Conversations } from "./conversations.js";
import { copy, icon, toast } from "./elements.js";
import { Numbers } from "./numbers.js";
import { showTemplates } from "./templates.js";

const find = (id) => document.getElementById(id);
const view = {
  empty: find("empty"),
  notice: find("notice"),
  unreachable: find("unreachable"),
  unreachableBySms: find("unreachable-by-sms"),
  recipient: find("recipient"),
  announcer: find("announcer"),
  example: find("example"),
};

/** When many numbers get messages, the phone turns to the newest one this often at most. */
const TURN_MS = 800;
/** What changed within this time is shown at once. */
const GATHER_MS = 30;

const conversations = new Conversations();
const chat = new Chat(find("messages"), find("chat"), (id) => conversations.find(id));
const composer = new Composer(find("composer"));
const numbers = new Numbers(find("numbers"), (number) => {
  newest = null;
  select(number);
});

let unreachable = new Set();
let unreachableBySms = new Set();
let selected = null;
/** The number to turn to next, and the timer until the phone may turn again. */
let newest = null;
let turning = null;
let gathering = null;
let announcement = null;

// A phone without a chat: the user writes first, with the draft of the link that led here if there is one.
composer.draft(new URLSearchParams(location.search).get("draft") ?? "");
find("write-from").addEventListener("submit", (event) => {
  event.preventDefault();
  const field = event.target.querySelector("input");
  const digits = field.value.replaceAll(/\D/g, "");
  if (digits.length < 7 || digits.length > 15) return toast("Give a number with its country code.");
  field.value = "";
  select(`+${digits}`);
  find("draft").focus();
});

const stream = new EventSource("/_sim/events");

listen("snapshot", (snapshot) => {
  conversations.load(snapshot.messages, snapshot.inbound);
  unreachable = new Set(snapshot.unreachable);
  unreachableBySms = new Set(snapshot.unreachable_by_sms);
  find("business").textContent = snapshot.business;
  view.example.hidden = snapshot.curl_example === null;
  view.example.querySelector("code").textContent = snapshot.curl_example ?? "";
  showTemplates(snapshot.templates);
  const known = allNumbers();
  select(known.some(({ number }) => number === selected) ? selected : (known[0]?.number ?? null));
});

listen("message", ({ message }) => {
  const isNew = conversations.putMessage(message);
  if (message.to === selected) chat.put(conversations.find(message.id));
  if (isNew) {
    announcement = `New message for ${message.to}: ${message.text}`;
    if (message.to !== selected) turnTo(message.to);
  }
  showSoon();
});

listen("inbound", ({ message }) => {
  conversations.putInbound(message);
  if (message.from === selected) chat.put(conversations.find(message.id));
  else if (selected === null) select(message.from);
  showSoon();
});

listen("templates", ({ templates }) => showTemplates(templates));

listen("unreachable", (change) => {
  unreachable = new Set(change.numbers);
  unreachableBySms = new Set(change.by_sms);
  if (selected === null) select(allNumbers()[0]?.number ?? null);
  else showAround();
});

listen("forgotten", () => {
  conversations.load([], []);
  unreachable.clear();
  unreachableBySms.clear();
  select(null);
});

stream.addEventListener("error", () => toast("The simulator is not running. Waiting for it…"));

view.unreachable.addEventListener("click", () => setNumber({ on_whatsapp: unreachable.has(selected) }));
view.unreachableBySms.addEventListener("click", () => setNumber({ sms: unreachableBySms.has(selected) }));

view.example.querySelector("button").addEventListener("click", () => {
  void copy(view.example.querySelector("code").textContent, "Command copied");
});

addEventListener("hashchange", showView);
showView();
showTime();
setInterval(showTime, 5_000);

function listen(type, handle) {
  stream.addEventListener(type, (event) => handle(JSON.parse(event.data)));
}

function setNumber(change) {
  return call("PUT", `/numbers/${encodeURIComponent(selected)}`, change);
}

/** Every number with something to show, the latest active first. */
function allNumbers() {
  const silent = [...unreachable.union(unreachableBySms)].filter((number) => !conversations.of(number));
  return [...conversations.latest(), ...silent.map((number) => ({ number, entries: [], unread: 0 }))];
}

/** Turns the phone to the number with the newest message, unless the user is busy with another. */
function turnTo(number) {
  newest = number;
  if (turning === null) turn();
}

function turn() {
  turning = null;
  const next = newest;
  newest = null;
  if (next === null || next === selected || (selected !== null && composer.isInUse)) return;
  turning = setTimeout(turn, TURN_MS);
  select(next);
}

function select(number) {
  selected = number;
  composer.writeFrom(number);
  showAround();
  chat.show(conversations.of(number)?.entries ?? []);
}

/** Shows what is around the chat, together with what else changes in this moment. */
function showSoon() {
  gathering ??= setTimeout(showAround, GATHER_MS);
}

function showAround() {
  clearTimeout(gathering);
  gathering = null;
  numbers.show(allNumbers(), selected);
  for (const [toggle, numbersWithout] of [
    [view.unreachable, unreachable],
    [view.unreachableBySms, unreachableBySms],
  ]) {
    toggle.hidden = selected === null;
    toggle.setAttribute("aria-checked", String(numbersWithout.has(selected)));
  }
  view.empty.hidden = selected !== null;
  view.recipient.textContent = selected === null ? "Business account" : `to ${selected}`;
  if (selected !== null && unreachable.has(selected)) {
    view.notice.replaceChildren(`${selected} is not on WhatsApp: messages to it fail.`);
  } else {
    view.notice.replaceChildren(icon("lock"), " Simulated. Nothing here reaches WhatsApp.");
  }
  const { unread } = conversations;
  document.title = `${unread > 0 ? `(${unread}) ` : ""}Sandi · phone simulator`;
  if (announcement !== null) view.announcer.textContent = announcement;
  announcement = null;
}

/** Phones or templates, as the address says. */
function showView() {
  const name = location.hash === "#templates" ? "templates" : "phones";
  document.body.dataset.view = name;
  for (const link of document.querySelectorAll(".views a")) {
    link.toggleAttribute("aria-current", link.hash === `#${name}`);
  }
}

function showTime() {
  find("clock-time").textContent = new Intl.DateTimeFormat(undefined, {
    hour: "numeric",
    minute: "2-digit",
    hour12: false,
  }).format(new Date());
}
