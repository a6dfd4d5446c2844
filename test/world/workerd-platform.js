/**
 * The platform services that bare workerd lacks: an empty KV namespace, an empty database, and a queue that
 * accepts every message and delivers none. They run in the thread that benchmarks measure, so they do as little
 * as possible.
 */
export const kv = {
  fetch({ url }) {
    const isList = new URL(url).pathname === "/";
    return isList ? Response.json({ keys: [], list_complete: true }) : new Response(null, { status: 404 });
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
