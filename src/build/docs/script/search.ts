import { type Entry, find, readEntries } from "./entries.ts";

const MOST_RESULTS = 30;
const EXCERPT_LENGTH = 90;

/** Shows the search, which finds calls, events, types and problems by any of their words. */
export function addSearch(): void {
  const box = document.querySelector<HTMLElement>("#contents search");
  const input = document.querySelector<HTMLInputElement>("#search");
  const results = document.getElementById("results");
  const status = document.getElementById("search-status");
  const parts = document.querySelector<HTMLElement>("#contents .parts");
  if (box === null || input === null || results === null || status === null || parts === null) return;
  box.hidden = false;

  let entries: readonly Entry[] | null = null;
  const show = () => {
    entries ??= readEntries();
    const words = input.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    parts.hidden = words.length > 0;
    const found = words.length === 0 ? [] : find(entries, words);
    results.replaceChildren(...found.slice(0, MOST_RESULTS).map((entry) => toItem(entry, words)));
    status.textContent = words.length === 0 ? "" : sayHowMany(found.length);
  };
  input.addEventListener("input", show);
  box.addEventListener("keydown", (event) => {
    const links = [...results.querySelectorAll("a")];
    const all: readonly HTMLElement[] = [input, ...links];
    const at = all.findIndex((element) => element.matches(":focus"));
    if (event.key === "ArrowDown") all[at + 1]?.focus();
    else if (event.key === "ArrowUp") all[at - 1]?.focus();
    else if (event.key === "Enter" && at === 0) links[0]?.click();
    else if (event.key === "Escape") {
      input.value = "";
      show();
      input.focus();
    } else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = document.activeElement === input;
    if (event.key !== "/" || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    input.focus();
    input.select();
  });
}

function toItem({ href, title, label, names, text }: Entry, words: readonly string[]): HTMLLIElement {
  const link = document.createElement("a");
  link.href = href;
  const name = document.createElement("span");
  name.textContent = title;
  link.append(name);
  if (label !== null) link.append(label.cloneNode(true));
  const item = document.createElement("li");
  item.append(link);
  const word = words.find((sought) => !names.includes(sought));
  if (word !== undefined) item.append(excerpt(text, word));
  return item;
}

/** The words around the place where a word was found. */
function excerpt(text: string, word: string): HTMLElement {
  const at = text.toLowerCase().indexOf(word);
  const from = text.lastIndexOf(" ", Math.max(0, at - EXCERPT_LENGTH / 3)) + 1;
  const end = text.lastIndexOf(" ", from + EXCERPT_LENGTH);
  const to = text.length <= from + EXCERPT_LENGTH ? text.length : Math.max(end, at + word.length);
  const shown = document.createElement("p");
  const mark = document.createElement("mark");
  mark.textContent = text.slice(at, at + word.length);
  shown.append(
    (from > 0 ? "…" : "") + text.slice(from, at),
    mark,
    text.slice(at + word.length, to) + (to < text.length ? "…" : ""),
  );
  return shown;
}

function sayHowMany(count: number): string {
  if (count === 0) return "No results";
  if (count > MOST_RESULTS) return `${count} results, of which these are the first ${MOST_RESULTS}`;
  return count === 1 ? "1 result" : `${count} results`;
}
