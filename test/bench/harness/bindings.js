/**
 * Stand-ins for the bindings that bare workerd lacks: an empty KV namespace, an empty database, and a queue
 * that accepts everything. They run in the thread that is measured, so they are as small as possible and the
 * same for every Worker.
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
    // The producer's call resolves only when its body has been read.
    await request.arrayBuffer();
    return Response.json({ metadata: { metrics: METRICS } });
  },
};
