/** As many as the simulator keeps. */
const MESSAGES_KEPT = 10_000;

/** What phones received and what users wrote, by number; made for thousands of numbers. */
export class Conversations {
  /** By number, the one with the newest message last. */
  #byNumber = new Map();
  /** Every entry by its id, oldest first. */
  #byId = new Map();
  unread = 0;

  /**
   * Starts over.
   * @param {object[]} messages what phones received, oldest first
   * @param {object[]} inbound what users wrote, oldest first
   */
  load(messages, inbound) {
    this.#byNumber.clear();
    this.#byId.clear();
    this.unread = 0;
    const entries = [...messages.map(received), ...inbound.map(written)];
    entries.sort((a, b) => Number(a.created_at > b.created_at) - Number(a.created_at < b.created_at));
    for (const entry of entries) this.#put(entry);
  }

  /** @returns {boolean} whether it is a new message, not a known one's new status */
  putMessage(message) {
    return this.#put(received(message));
  }

  putInbound(message) {
    this.#put(written(message));
  }

  /** A message of either direction; undefined when it is gone. */
  find(id) {
    return this.#byId.get(id);
  }

  /** @returns {{ number: string, entries: object[], unread: number } | undefined} entries oldest first */
  of(number) {
    return this.#byNumber.get(number);
  }

  /** All conversations, the latest active first. */
  latest() {
    return [...this.#byNumber.values()].reverse();
  }

  #put(entry) {
    const known = this.#byId.get(entry.id);
    const conversation = this.#byNumber.get(entry.number) ?? { number: entry.number, entries: [], unread: 0 };
    const change = Number(isUnread(entry)) - Number(known !== undefined && isUnread(known));
    conversation.unread += change;
    this.unread += change;
    this.#byId.set(entry.id, entry);
    if (known) {
      conversation.entries[conversation.entries.lastIndexOf(known)] = entry;
      return false;
    }
    conversation.entries.push(entry);
    this.#byNumber.delete(entry.number);
    this.#byNumber.set(entry.number, conversation);
    if (this.#byId.size > MESSAGES_KEPT) this.#dropOldest();
    return true;
  }

  #dropOldest() {
    const [oldest] = this.#byId.values();
    this.#byId.delete(oldest.id);
    const conversation = this.#byNumber.get(oldest.number);
    conversation.entries.splice(conversation.entries.indexOf(oldest), 1);
    if (isUnread(oldest)) {
      conversation.unread -= 1;
      this.unread -= 1;
    }
    if (conversation.entries.length === 0) this.#byNumber.delete(oldest.number);
  }
}

function received(message) {
  return { ...message, number: message.to, isOwn: false };
}

function written(message) {
  return { ...message, number: message.from, isOwn: true };
}

/** SMS have no read receipts, so they are never unread. */
function isUnread({ isOwn, channel, status }) {
  return !isOwn && channel === "whatsapp" && status !== "read" && status !== "failed";
}
