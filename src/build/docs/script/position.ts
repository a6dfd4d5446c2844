/** How far below the top of the window the part that is being read begins, in pixels. */
const READING_LINE = 140;

interface Placed {
  readonly link: HTMLAnchorElement;
  readonly part: Element;
}

/** Marks the entry of the contents whose part is being read, and keeps it in view. */
export function followPosition(): void {
  const contents = document.getElementById("contents");
  if (contents === null) return;
  const links = [...contents.querySelectorAll<HTMLAnchorElement>(".parts a")];
  const parts = links.flatMap((link): Placed[] => {
    const part = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    return part === null ? [] : [{ link, part: withHeading(part, links) }];
  });
  let current: HTMLAnchorElement | undefined;
  const update = () => {
    const link = atEnd() ? (chosen(parts) ?? parts.at(-1)?.link) : beingRead(parts);
    if (link === undefined || link === current) return;
    current?.removeAttribute("aria-current");
    current = link;
    current.setAttribute("aria-current", "location");
    bringIntoView(current, contents);
  };
  let isScheduled = false;
  const schedule = () => {
    if (isScheduled) return;
    isScheduled = true;
    requestAnimationFrame(() => {
      isScheduled = false;
      update();
    });
  };
  addEventListener("scroll", schedule, { passive: true });
  addEventListener("resize", schedule, { passive: true });
  update();
}

/** The first call of a group begins with the group's heading, unless that is an entry of its own. */
function withHeading(part: Element, links: readonly HTMLAnchorElement[]): Element {
  const group = part.parentElement;
  if (group?.localName !== "section" || group.querySelector(".call") !== part) return part;
  return links.some(({ hash }) => hash === `#${group.id}`) ? part : group;
}

/** At the end of the page the last parts are too short to reach the reading line. */
function atEnd(): boolean {
  return innerHeight + scrollY >= document.documentElement.scrollHeight - 2;
}

/** The part that the address names, if it is on the screen. */
function chosen(parts: readonly Placed[]): HTMLAnchorElement | undefined {
  return parts.find(({ link, part }) => {
    return link.hash === location.hash && part.getBoundingClientRect().bottom > 0;
  })?.link;
}

/** The last part that begins above the reading line. The entries need not be in the order of the page. */
function beingRead(parts: readonly Placed[]): HTMLAnchorElement | undefined {
  let found = parts[0]?.link;
  let lowest = Number.NEGATIVE_INFINITY;
  for (const { link, part } of parts) {
    const { top } = part.getBoundingClientRect();
    if (top > READING_LINE || top < lowest) continue;
    found = link;
    lowest = top;
  }
  return found;
}

/** Scrolls the contents only, and only where they scroll: on a phone they are a part of the page. */
function bringIntoView(link: HTMLElement, contents: HTMLElement): void {
  if (getComputedStyle(contents).overflowY !== "auto") return;
  const [box, view] = [link.getBoundingClientRect(), contents.getBoundingClientRect()];
  const isInView = box.top >= view.top + box.height && box.bottom <= view.bottom - box.height;
  if (!isInView) contents.scrollTop += box.top - view.top - view.height / 3;
}
