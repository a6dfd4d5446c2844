import { call, callWithWebhook } from "./control.js";
import { element, icon } from "./elements.js";

/** What a reviewer may do to a template in each status; the first one is what is most likely wanted. */
const ACTIONS = {
  PENDING: ["Approve", "Reject"],
  IN_APPEAL: ["Approve", "Reject"],
  APPROVED: ["Pause", "Disable"],
  PAUSED: ["Reinstate", "Disable"],
  DISABLED: ["Reinstate"],
};

const EVENTS = {
  Approve: { status: "APPROVED" },
  Reject: { status: "REJECTED", reason: "INVALID_FORMAT" },
  Pause: { status: "PAUSED" },
  Disable: { status: "DISABLED" },
  Reinstate: { status: "REINSTATED" },
};

const BUTTON_ICONS = { URL: "link", QUICK_REPLY: "reply", PHONE_NUMBER: "call" };

/** More languages than this are folded, unless one of them is pending. */
const UNFOLDED = 3;

const list = document.getElementById("template-list");
const review = document.getElementById("review");
const languageNames = new Intl.DisplayNames("en", { type: "language" });
/** What the user folded or unfolded, by template name. */
const unfolded = new Map();

review.addEventListener("click", async () => {
  const isManual = review.getAttribute("aria-checked") === "true";
  showReview(await call("PUT", "/behaviour", { review: isManual ? "auto" : "manual" }));
});
void fetch("/_sim/behaviour")
  .then((response) => response.json())
  .then(showReview);

/**
 * Shows all templates, the newest first.
 * @param {object[]} templates as the simulator sends them, oldest first
 */
export function showTemplates(templates) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.focus : undefined;
  const byName = Map.groupBy(templates, ({ name }) => name);
  list.replaceChildren(...[...byName].reverse().map(([name, languages]) => card(name, languages)));
  if (byName.size === 0) list.append(element("li", { class: "none" }, "There are no templates."));
  if (focused === undefined) return;
  const [group] = focused.split(" ");
  // The button that had it may be gone with its status; the next one of its row is the nearest place.
  const again = list.querySelector(`[data-focus="${CSS.escape(focused)}"]`);
  (again ?? list.querySelector(`[data-focus^="${CSS.escape(group)} "]`))?.focus();
}

function showReview(behaviour) {
  if (behaviour !== null) review.setAttribute("aria-checked", String(behaviour.review === "manual"));
}

function card(name, languages) {
  const counts = Map.groupBy(languages, ({ status }) => status);
  const isWaiting = counts.has("PENDING");
  const details = element("details", {});
  details.open = unfolded.get(name) ?? (isWaiting || languages.length <= UNFOLDED);
  details.append(
    element(
      "summary",
      { "data-focus": `${name}/ fold` },
      element("h3", {}, name),
      element("span", { class: "category" }, words(languages[0].category)),
      element(
        "span",
        { class: "pills" },
        ...[...counts].map(([status, { length }]) => pill(status, length > 1 ? `${length} ` : "")),
      ),
    ),
    ...(counts.size === 1 && languages.length > 1 ? [forAll(name, languages)] : []),
    element("ul", { class: "languages" }, ...languages.map(row)),
  );
  details.querySelector("summary").addEventListener("click", () => unfolded.set(name, !details.open));
  return element("li", { class: "template" }, details);
}

function forAll(name, languages) {
  const label = element("span", {}, `All ${languages.length} languages`);
  return element("div", { class: "for-all" }, label, actions(name, undefined, languages[0].status));
}

function row({ name, language, status, components, quality_score, rejected_reason }) {
  const tag = language.replace("_", "-");
  const reason = rejected_reason === "NONE" ? [] : [element("span", { class: "reason" }, rejected_reason)];
  const score = quality_score.score;
  const quality =
    score === "UNKNOWN"
      ? []
      : [element("span", { class: `quality ${score.toLowerCase()}` }, `Quality ${score.toLowerCase()}`)];
  return element(
    "li",
    { class: "language" },
    element(
      "div",
      { class: "heading" },
      element("b", {}, languageNames.of(tag)),
      element("code", {}, language),
      pill(status),
      ...reason,
      ...quality,
    ),
    element("div", { class: "wording", lang: tag }, ...components.flatMap(wording)),
    actions(name, language, status),
  );
}

function wording(component) {
  if (component.type !== "BUTTONS") {
    return [
      element("p", { class: component.type.toLowerCase(), dir: "auto" }, ...withVariables(component.text)),
    ];
  }
  const labels = component.buttons.map(({ type, text, url }) =>
    element("span", {}, icon(isCopyCode(url) ? "copy" : BUTTON_ICONS[type]), text),
  );
  return [element("p", { class: "labels", dir: "auto" }, ...labels)];
}

/** A text with its variables set off; the asterisks around a code only make it bold. */
function withVariables(text) {
  return text
    .replaceAll(/\*(\{\{1\}\})\*/g, "$1")
    .split(/(\{\{[^{}]+\}\})/)
    .map((part, index) => (index % 2 === 1 ? element("mark", {}, part) : part));
}

function isCopyCode(url) {
  return url?.startsWith("https://www.whatsapp.com/otp/code/") ?? false;
}

function actions(name, language, status) {
  const row = `${name}/${language ?? ""}`;
  const buttons = (ACTIONS[status] ?? ["Approve"]).map((label) => {
    const button = element("button", { type: "button", "data-focus": `${row} ${label}` }, label);
    button.addEventListener("click", () =>
      callWithWebhook(
        `/templates/${name}/status`,
        { ...EVENTS[label], ...(language && { language }) },
        label,
      ),
    );
    return button;
  });
  const of = language ? `${name} in ${language}` : name;
  return element("div", { class: "actions", role: "group", "aria-label": of }, ...buttons);
}

function pill(status, count = "") {
  return element("span", { class: `pill ${status.toLowerCase()}` }, `${count}${words(status).toLowerCase()}`);
}

/** @param {string} name such as `IN_APPEAL` */
function words(name) {
  return name.charAt(0) + name.slice(1).toLowerCase().replaceAll("_", " ");
}
