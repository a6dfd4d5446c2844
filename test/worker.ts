import worker from "../src/index.ts";

export * from "../src/objects.ts";

/**
 * The Worker of the tests. `reset()` leaves the messages of queues alone: those of an earlier file are acknowledged
 * here.
 */
export default {
  ...worker,
  async queue(batch, env) {
    const isStale = ({ timestamp }: Message) => timestamp.getTime() < globalThis.fileStartedAt;
    for (const message of batch.messages.filter(isStale)) message.ack();
    const messages = batch.messages.filter((message) => !isStale(message));
    if (messages.length === 0) return;
    const present: MessageBatch = {
      queue: batch.queue,
      metadata: batch.metadata,
      messages,
      ackAll() {
        for (const message of messages) message.ack();
      },
      retryAll(options) {
        for (const message of messages) message.retry(options);
      },
    };
    await worker.queue(present, env);
  },
} satisfies ExportedHandler<Env>;
