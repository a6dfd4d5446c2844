/**
 * Calls that only a Worker inside workerd can make: deliver a batch of queue messages, run the scheduled
 * handler, and abort every Durable Object.
 */
import unsafe from "workerd:unsafe";

export default {
  async fetch(request, { MAIN }) {
    const [, call, argument] = new URL(request.url).pathname.split("/");
    switch (call) {
      case "queue": {
        const messages = await request.json();
        const dated = messages.map((message) => ({ ...message, timestamp: new Date(message.timestamp) }));
        return Response.json(await MAIN.queue(argument, dated));
      }
      case "scheduled":
        return Response.json(await MAIN.scheduled({ cron: decodeURIComponent(argument) }));
      case "evict":
        await unsafe.abortAllDurableObjects();
        return new Response();
      default:
        return new Response(null, { status: 404 });
    }
  },
};
