/**
 * What stands around a Worker on the platform and bare workerd does not have: a KV namespace and a database
 * with nothing in them, and a queue that takes everything. As small as can be, for it runs in the thread that
 * is measured, and the same for each Worker that is.
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
    // Whoever sends waits until its body has been read.
    await request.arrayBuffer();
    return Response.json({ metadata: { metrics: METRICS } });
  },
};
