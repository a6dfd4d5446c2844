/** A part of the page that the search may find. */
export interface Entry {
  readonly href: string;
  readonly title: string;
  /** The method of a call, as the contents show it. */
  readonly label: Element | null;
  /** By what a reader may name it: its title, its path, its id. In lower case. */
  readonly names: string;
  readonly text: string;
}

/** Every entry of the contents, and every problem, with the text of its part of the page. */
export function readEntries(): Entry[] {
  const links = [...document.querySelectorAll<HTMLAnchorElement>("#contents .parts a, .problems h3 a")];
  return links.flatMap((link) => {
    const part = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (part === null) return [];
    const title = (link.querySelector("span") ?? link).textContent.trim();
    const route = part.querySelector(":scope > header .route")?.textContent ?? "";
    return [
      {
        href: link.hash,
        title,
        label: link.querySelector("small"),
        names: `${title} ${part.id} ${route}`.toLowerCase(),
        text: textOf(part),
      },
    ];
  });
}

/** Without samples, whose words are those of every other one, and without parts that are entries of their own. */
function textOf(part: Element): string {
  const copy = part.cloneNode(true) as Element;
  for (const inner of copy.querySelectorAll(".box, .call, .problems")) inner.remove();
  for (const end of copy.querySelectorAll("dt, dd, p, h3, h4, h5")) end.append(" ");
  return copy.textContent.replace(/\s+/g, " ");
}

/** Entries that have every word; those first whose names have them. */
export function find(entries: readonly Entry[], words: readonly string[]): Entry[] {
  const rankOf = ({ names, text }: Entry) => {
    if (words.every((word) => names.includes(word))) return names.startsWith(words.join(" ")) ? 0 : 1;
    const everything = `${names} ${text.toLowerCase()}`;
    return words.every((word) => everything.includes(word)) ? 2 : null;
  };
  const byRank = Map.groupBy(entries, rankOf);
  return ([0, 1, 2] as const).flatMap((rank) => byRank.get(rank) ?? []);
}
