import { clockTime, element, icon } from "./elements.js";

/**
 * Shows the numbers, latest first, and reports the one the user picks.
 * @param {HTMLElement} list
 * @param {{ number: string, latest: object | null, unread: number }[]} entries
 * @param {string | null} selected
 * @param {(number: string) => void} onPick
 */
export function showNumbers(list, entries, selected, onPick) {
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.number : undefined;
  list.replaceChildren(
    ...entries.map((entry) => element("li", {}, numberButton(entry, entry.number === selected, onPick))),
  );
  if (focused) list.querySelector(`[data-number="${CSS.escape(focused)}"]`)?.focus();
}

function numberButton({ number, latest, unread }, isSelected, onPick) {
  const button = element(
    "button",
    { type: "button", class: "number", "data-number": number, "aria-current": String(isSelected) },
    element("span", { class: "face" }, icon("person")),
    element("span", { class: "name" }, number),
    element("span", { class: "preview", dir: "auto" }, preview(latest)),
  );
  if (latest) button.append(element("time", { datetime: latest.created_at }, clockTime(latest.created_at)));
  if (unread > 0) {
    const label = `${unread} unread`;
    button.append(element("span", { class: "badge", role: "img", "aria-label": label }, String(unread)));
  }
  button.addEventListener("click", () => onPick(number));
  return button;
}

function preview(latest) {
  if (latest === null) return "No messages";
  return latest.status === "failed" ? "Not delivered" : (latest.body ?? latest.text);
}
