import { startTimer } from "../platform/async.ts";

/** A Worker's invocation waits for the headers of six connections at most ("Workers, Limits"). */
export const PLACES = 6;

/** The places of an endpoint until it has answered in this batch, so that one that hangs leaves as many to others. */
export const PLACES_UNPROVEN = 3;

interface Post {
  readonly endpointId: string;
}

/** What is left when no further post may begin. */
export interface Remainder<Item> {
  readonly notBegun: readonly Item[];
  /** The endpoints of posts under way that have not answered any in good time. */
  readonly unanswered: ReadonlySet<string>;
  /** Resolves when these posts have ended. */
  readonly ended: Promise<unknown>;
}

/**
 * Makes posts side by side, those of the endpoint with the fewest under way first, so that each endpoint that waits has
 * its share. None begins later than a time limit, so that the whole ends within it and one post's own limit.
 *
 * @param post Resolves with whether its endpoint answered in good time. Never rejects.
 */
export async function postInPlaces<Item extends Post>(
  items: readonly Item[],
  post: (item: Item) => Promise<boolean>,
  startsWithinMs: number,
): Promise<Remainder<Item>> {
  const waiting = [...items];
  const underWay = new Map<string, number>();
  const posts = new Set<Promise<void>>();
  const proven = new Set<string>();
  const timer = startTimer(startsWithinMs);
  let isOver = false;
  const over = timer.passed.then(() => {
    isOver = true;
  });

  const placesOf = (endpointId: string) => underWay.get(endpointId) ?? 0;
  const next = (): Item | undefined => {
    if (posts.size >= PLACES) return undefined;
    const mayBegin = ({ endpointId }: Item) =>
      proven.has(endpointId) || placesOf(endpointId) < PLACES_UNPROVEN;
    return waiting
      .filter(mayBegin)
      .reduce<Item | undefined>(
        (best, item) =>
          best === undefined || placesOf(item.endpointId) < placesOf(best.endpointId) ? item : best,
        undefined,
      );
  };
  const begin = (item: Item) => {
    const { endpointId } = item;
    waiting.splice(waiting.indexOf(item), 1);
    underWay.set(endpointId, placesOf(endpointId) + 1);
    const ended = post(item).then((isPrompt) => {
      posts.delete(ended);
      underWay.set(endpointId, placesOf(endpointId) - 1);
      if (isPrompt) proven.add(endpointId);
      else proven.delete(endpointId);
    });
    posts.add(ended);
  };

  while (waiting.length > 0 && !isOver) {
    for (let item = next(); item !== undefined; item = next()) begin(item);
    await Promise.race([over, ...posts]);
  }
  timer.cancel();
  const isUnanswered = (endpointId: string) => placesOf(endpointId) > 0 && !proven.has(endpointId);
  const unanswered = new Set([...underWay.keys()].filter(isUnanswered));
  return { notBegun: waiting, unanswered, ended: Promise.all(posts) };
}
