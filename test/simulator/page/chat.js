import { messageItem, updatedItem } from "./bubble.js";
import { element } from "./elements.js";
import { replyItem } from "./reply.js";

/** A chat shows its newest messages; the simulator keeps the others. */
const SHOWN = 100;

/** The list of one number's messages. */
export class Chat {
  #list;
  #scroller;
  #find;
  /** The shown list items by message id, oldest first. */
  #items = new Map();
  #isAtEnd = true;

  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} scroller the element that scrolls it
   * @param {(id: string) => object | undefined} find the message that another one quotes
   */
  constructor(list, scroller, find) {
    this.#list = list;
    this.#scroller = scroller;
    this.#find = find;
    // What is below the chat grows while the user writes.
    new ResizeObserver(() => this.#isAtEnd && this.#scroll()).observe(scroller);
    scroller.addEventListener("scroll", () => {
      this.#isAtEnd = scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop < 40;
    });
  }

  /**
   * Shows a conversation from scratch.
   * @param {object[]} entries oldest first
   */
  show(entries) {
    this.#items.clear();
    this.#list.replaceChildren();
    for (const entry of entries.slice(-SHOWN)) this.#append(entry);
    this.#scroll();
  }

  /** Shows a new message, or a shown one as it is now. */
  put(entry) {
    const shown = this.#items.get(entry.id);
    if (shown) {
      this.#items.set(entry.id, updatedItem(shown, entry));
      return;
    }
    this.#append(entry).classList.add("arriving");
    for (const [id, oldest] of this.#items) {
      if (this.#items.size <= SHOWN) break;
      oldest.remove();
      this.#items.delete(id);
    }
    this.#scroll();
  }

  #append(entry) {
    const quoted = entry.context_id ? this.#find(entry.context_id) : undefined;
    const item = entry.isOwn ? replyItem(entry, quoted) : messageItem(entry, quoted);
    this.#items.set(entry.id, item);
    this.#showDay(entry.created_at);
    this.#list.append(item);
    return item;
  }

  #showDay(iso) {
    const date = new Date(iso);
    const day = date.toDateString();
    if ([...this.#list.querySelectorAll(".day")].at(-1)?.dataset.day === day) return;
    const label =
      day === new Date().toDateString()
        ? "Today"
        : new Intl.DateTimeFormat(undefined, { dateStyle: "medium" }).format(date);
    this.#list.append(element("li", { class: "day", "data-day": day }, label));
  }

  #scroll() {
    this.#isAtEnd = true;
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }
}
