import { clockTime, element, icon } from "./elements.js";

/** So many numbers are shown at most; from a few on, there is a field to find the others with. */
const SHOWN = 30;
const FINDABLE_FROM = 8;

/** The phone numbers, latest active first. */
export class Numbers {
  #nav;
  #list;
  #field;
  #more;
  #onPick;
  #entries = [];
  #selected = null;

  /**
   * @param {HTMLElement} nav
   * @param {(number: string) => void} onPick
   */
  constructor(nav, onPick) {
    this.#nav = nav;
    this.#list = nav.querySelector("ul");
    this.#field = nav.querySelector("input");
    this.#more = nav.querySelector(".more");
    this.#onPick = onPick;
    this.#field.addEventListener("input", () => this.#render());
  }

  /**
   * @param {{ number: string, entries: object[], unread: number }[]} entries
   * @param {string | null} selected
   */
  show(entries, selected) {
    this.#entries = entries;
    this.#selected = selected;
    this.#render();
  }

  #render() {
    const list = this.#list;
    const digits = this.#field.value.replaceAll(/\D/g, "");
    const found = this.#entries.filter(({ number }) => number.includes(digits));
    const focused = list.contains(document.activeElement) ? document.activeElement.dataset.number : undefined;
    list.replaceChildren(...found.slice(0, SHOWN).map((entry) => element("li", {}, this.#button(entry))));
    if (focused) list.querySelector(`[data-number="${CSS.escape(focused)}"]`)?.focus();
    this.#nav.hidden = this.#entries.length === 0;
    this.#field.closest("label").hidden = this.#entries.length < FINDABLE_FROM;
    const others = found.length - SHOWN;
    this.#more.hidden = others <= 0 && found.length > 0;
    this.#more.textContent =
      found.length === 0 ? "No such number" : `and ${others.toLocaleString("en")} more`;
  }

  #button({ number, entries, unread }) {
    const latest = entries.at(-1);
    const button = element(
      "button",
      {
        type: "button",
        class: "number",
        "data-number": number,
        "aria-current": String(number === this.#selected),
      },
      element("span", { class: "face" }, icon("person")),
      element("span", { class: "name" }, number),
      element("span", { class: "preview", dir: "auto" }, preview(latest)),
    );
    if (latest) button.append(element("time", { datetime: latest.created_at }, clockTime(latest.created_at)));
    if (unread > 0) {
      const label = `${unread} unread`;
      button.append(element("span", { class: "badge", role: "img", "aria-label": label }, String(unread)));
    }
    button.addEventListener("click", () => this.#onPick(number));
    return button;
  }
}

function preview(latest) {
  if (!latest) return "No messages";
  if (latest.status === "failed") return "Not delivered";
  return latest.isOwn ? `You: ${latest.text}` : (latest.body ?? latest.text);
}
