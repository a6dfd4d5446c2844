import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { BUSINESS } from "./business.ts";
import type { Store } from "./store.ts";

interface EventOptions {
  store: Store;
  /** The command that the page shows while there is no message. */
  curlExample: string | null;
  /** Ends the streams. */
  closing: AbortSignal;
}

/** The delay after which a page reconnects its stream. */
const RECONNECT_MS = 500;

/** `GET /_sim/events`: a `snapshot`, then each change as it happens. */
export function eventRoutes({ store, curlExample, closing }: EventOptions): Hono {
  return new Hono().get("/events", (c) =>
    streamSSE(c, async (stream) => {
      const { messages, inbound, templates, unreachable, unreachableBySms } = store.state();
      const snapshot = {
        business: BUSINESS.name,
        curl_example: curlExample,
        messages,
        inbound,
        templates,
        unreachable,
        unreachable_by_sms: unreachableBySms,
      };
      const ended = new Promise<void>((resolve) => {
        stream.onAbort(resolve);
        closing.addEventListener("abort", () => resolve());
      });
      // Subscribes before the snapshot is written, so that no change is lost in between.
      const unsubscribe = store.subscribe((change) => {
        const data = change.type === "templates" ? { templates: store.templates.all() } : change;
        void stream.writeSSE({ event: change.type, data: JSON.stringify(data) });
      });
      await stream.writeSSE({ event: "snapshot", data: JSON.stringify(snapshot), retry: RECONNECT_MS });
      await ended;
      unsubscribe();
    }),
  );
}
