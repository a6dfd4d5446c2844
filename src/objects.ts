/** The Durable Object classes that wrangler.toml names. */
import { findConfirmed, isConfirmable } from "./journal/record.ts";
import { JournalTables } from "./journal/tables.ts";
import type { VerificationEvent } from "./phone-number/event.ts";
import { PhoneNumber as PhoneNumberObject } from "./phone-number/phone-number.ts";

export { WhatsAppHealth } from "./channels/whatsapp/health.ts";
export { SenderPace } from "./channels/whatsapp/sender-pace.ts";
export { DestinationRange } from "./guard/budget/destination-range.ts";
export { TallyShard } from "./guard/budget/tally-shard.ts";
export { ClientNetwork } from "./guard/clients/client-network.ts";
export { LimitCounter } from "./guard/limits/limit-counter.ts";
export { Issuer } from "./keys/issuer/issuer.ts";
export { NotificationBatch } from "./notifications/batches/batch.ts";
export { Contact } from "./notifications/contact.ts";
export { TemplateRegistry } from "./templates/registry.ts";
export { MessageToken } from "./verification/message-first/message-token.ts";
export { EndpointLane } from "./webhook-endpoints/endpoint-lane.ts";

/** The journal's tables as the objects of this isolate know them. */
let tables: JournalTables | undefined;

/** The number's object, whose events the journal confirms: the core itself does not know the journal. */
export class PhoneNumber extends PhoneNumberObject {
  protected override isConfirmable(event: VerificationEvent): boolean {
    return isConfirmable(event);
  }

  protected override findConfirmed(events: readonly VerificationEvent[]): Promise<ReadonlySet<string>> {
    tables ??= new JournalTables(this.env.JOURNAL);
    return findConfirmed(tables, events);
  }
}
