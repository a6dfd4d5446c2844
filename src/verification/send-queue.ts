import type { SendJob } from "../phone-number/send-job.ts";
import { log } from "../platform/log.ts";
import type { Verifications } from "./verifications.ts";

/** Sends the messages that objects had to leave to somebody. A job that fails comes again; the object sees to it that nothing is sent twice. */
export async function consumeSends(
  batch: MessageBatch<SendJob>,
  verifications: Verifications,
): Promise<void> {
  await Promise.all(
    batch.messages.map(async (message) => {
      try {
        await verifications.sendLater(message.body.id, message.body.ordinal);
        message.ack();
      } catch (error) {
        log("error", "A message could not be sent later", { error: String(error) });
        message.retry();
      }
    }),
  );
}
