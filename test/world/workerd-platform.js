/**
 * The platform services that bare workerd lacks: one KV namespace for all bindings, an empty database, and a queue that
 * accepts every message and delivers none. KV keeps what is put, which only registrations are. They run in the thread that benchmarks measure, so they do as little
 * as possible.
 */
const entries = new Map();
export const kv = {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (request.method === "PUT") entries.set(pathname, await request.text());
    else if (pathname === "/") return Response.json({ keys: [], list_complete: true });
    const value = entries.get(pathname);
    return new Response(value ?? null, { status: value === undefined ? 404 : 200 });
  },
};

export const d1 = {
  async fetch(request) {
    await request.arrayBuffer();
    return Response.json({ success: true, results: [], meta: {} });
  },
};

const METRICS = { backlogCount: 0, backlogBytes: 0, oldestMessageTimestamp: 0 };
export const queue = {
  async fetch(request) {
    // The sender waits until its body has been read.
    await request.arrayBuffer();
    return Response.json({ metadata: { metrics: METRICS } });
  },
};
