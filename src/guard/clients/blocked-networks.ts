import * as z from "zod";
import type { Background, MaybePromise } from "../../platform/async.ts";
import { IsolateCache } from "../../platform/isolate-cache.ts";
import { DAY_MS, MINUTE_MS } from "../../platform/time.ts";

const FRESH_MS = MINUTE_MS;
const KV_CACHE_SECONDS = 30;

/** Each network is a key of its own, so that blocks of the same moment do not overwrite each other. */
const PREFIX = "denied/";
/** When a block last began or was ended. Listing keys costs ten times as much as reading this one. */
const CHANGED_AT = "denied_at";
/** One value with all blocks, which an earlier version wrote. It ends by itself a day after. */
const FORMER = "blocked_networks";

/** How long KV may take to show a change in the listing of every location. */
const SETTLED_MS = 5 * MINUTE_MS;
/** KV keeps a key for a minute at least. */
const SHORTEST_TTL_SECONDS = 60;
/** KV lists a thousand keys in a page. More blocks than these at a time are for the traffic budget to handle. */
const MOST_PAGES = 10;

const stored = () => z.object({ until: z.number(), denials: z.number(), approvals: z.number() });

/** Until when a network is refused, in milliseconds since the epoch, and why. */
export type BlockedNetwork = z.output<ReturnType<typeof stored>>;
type Blocks = ReadonlyMap<string, BlockedNetwork>;

/** A change that the listing of KV may not show yet; null for a block that was ended. */
interface OwnChange {
  readonly block: BlockedNetwork | null;
  readonly at: number;
}

/** The blocked networks in KV, by their tags. Each isolate caches them all, so that a start reads nothing. */
export class BlockedNetworks {
  readonly #namespace: KVNamespace;
  readonly #known = new IsolateCache(() => this.#read(), {
    freshMs: FRESH_MS,
    fallback: { value: new Map() as Blocks, message: "Denied networks read failed" },
  });
  /** What this isolate has changed lately. */
  readonly #own = new Map<string, OwnChange>();
  #listed: Blocks = new Map();
  /** Where nothing was ever blocked, nothing is listed. */
  #listedAt = SETTLED_MS;

  constructor(namespace: KVNamespace) {
    this.#namespace = namespace;
  }

  get(background: Background): MaybePromise<Blocks> {
    return this.#known.get(background);
  }

  async block(network: string, block: BlockedNetwork): Promise<void> {
    const seconds = Math.ceil((block.until - Date.now()) / 1000);
    await this.#change(network, block, () =>
      this.#namespace.put(`${PREFIX}${network}`, "", {
        metadata: block,
        expirationTtl: Math.max(seconds, SHORTEST_TTL_SECONDS),
      }),
    );
  }

  /**
   * Ends a block, also one that another location has begun and KV does not show here yet; false where none is known. It
   * holds everywhere within two minutes.
   */
  async unblock(network: string): Promise<boolean> {
    this.#known.expire();
    const isBlocked = (await this.#known.get()).has(network);
    await this.#change(network, null, async () => {
      await this.#namespace.delete(`${PREFIX}${network}`);
      const { [network]: ended, ...others } = parseFormer(await this.#namespace.get(FORMER));
      if (ended === undefined) return;
      await this.#namespace.put(FORMER, JSON.stringify(others), { expirationTtl: DAY_MS / 1000 });
    });
    return isBlocked;
  }

  /** KV accepts one write a second to a key: when it refuses this one, another change has just been recorded. */
  async #change(network: string, block: BlockedNetwork | null, write: () => Promise<void>): Promise<void> {
    this.#own.set(network, { block, at: Date.now() });
    this.#known.expire();
    await this.#namespace.put(CHANGED_AT, String(Date.now())).catch(() => {});
    await write();
  }

  async #read(): Promise<Blocks> {
    const now = Date.now();
    const kept = await this.#namespace.get([CHANGED_AT, FORMER], { cacheTtl: KV_CACHE_SECONDS });
    if (Number(kept.get(CHANGED_AT) ?? 0) + SETTLED_MS > this.#listedAt) {
      this.#listed = await this.#list();
      this.#listedAt = now;
    }
    const blocks = new Map([...Object.entries(parseFormer(kept.get(FORMER) ?? null)), ...this.#listed]);
    for (const [network, { block, at }] of this.#own) {
      if (at < now - SETTLED_MS) this.#own.delete(network);
      else if (block === null) blocks.delete(network);
      else blocks.set(network, block);
    }
    return blocks;
  }

  async #list(): Promise<Blocks> {
    const blocks = new Map<string, BlockedNetwork>();
    let cursor: string | null = null;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const listed: KVNamespaceListResult<unknown> = await this.#namespace.list({ prefix: PREFIX, cursor });
      for (const { name, metadata } of listed.keys) {
        const read = stored().safeParse(metadata);
        if (read.success) blocks.set(name.slice(PREFIX.length), read.data);
      }
      if (listed.list_complete) break;
      cursor = listed.cursor;
    }
    return blocks;
  }
}

function parseFormer(text: string | null): Readonly<Record<string, BlockedNetwork>> {
  if (text === null) return {};
  return z.record(z.string(), stored()).catch({}).parse(JSON.parse(text));
}
