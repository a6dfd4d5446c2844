import type { Binding } from "../codes/binding.ts";
import type { Code } from "../codes/code.ts";
import type { ChannelName } from "../messages/channel-name.ts";
import type { SendResult } from "../messages/send-result.ts";
import type { E164 } from "../numbering/e164.ts";

/** A code on its way to a phone. */
export interface CodeMessage {
  readonly to: E164;
  readonly code: Code;
  /** What the code confirms: a channel with words of its own names it. */
  readonly bind: Binding | null;
  /** The user's language, in BCP 47. */
  readonly locale: string;
  /** The approved template and its language, where the channel has such. */
  readonly template: string | null;
  readonly language: string | null;
  /** Comes back with every status update, so that it finds its message without an index. */
  readonly callbackData: string;
}

/** Carries codes to phones. The result is a value in every case: a channel that fails is no exception. */
export interface Channel {
  readonly name: ChannelName;
  send(message: CodeMessage): Promise<SendResult>;
}
