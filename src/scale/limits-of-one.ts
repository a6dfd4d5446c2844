import { figure } from "./figure.ts";
import type { Plan } from "./plan.ts";
import * as platform from "./platform.ts";

/** A limit that one network, range or invocation meets, independent of the rate of the deployment. */
export interface LimitOfOne {
  readonly id: string;
  readonly title: string;
  readonly because: string;
}

/** Calls of the object of a range for one verification: before the message, and about its end. */
const RANGE_CALLS = 2;

/** The statuses that one webhook of WhatsApp brings at most ("Webhooks", Cloud API). */
const STATUSES_OF_A_WEBHOOK = 1_000;

/** What does not depend on the rate, but on how the traffic is spread. */
export function limitsOfOne({ settings }: Plan): readonly LimitOfOne[] {
  const { CLIENT_FENCE: starts, CLIENT_CHECK_FENCE: checks } = settings.fences;
  const fenced =
    starts === null || checks === null
      ? []
      : [
          {
            id: "client_fence",
            title: "One network of users",
            because: `CLIENT_FENCE allows ${figure(starts * 60)} starts a minute in one location, CLIENT_CHECK_FENCE ${figure(checks * 60)} checks, where calls name the user's address.`,
          },
        ];
  return [
    ...fenced,
    {
      id: "range_object",
      title: "One range of 10,000 numbers",
      because: `Its object answers ${figure(platform.OBJECT_CALLS_PER_SECOND)} calls a second, and a verification makes ${RANGE_CALLS}.`,
    },
    {
      id: "subrequests",
      title: "One invocation of the Worker",
      because: `It may make ${figure(platform.SUBREQUESTS)} calls. The most are about ${figure(STATUSES_OF_A_WEBHOOK)}, for as many statuses in one webhook of WhatsApp.`,
    },
    {
      id: "kv_writes",
      title: "One key in KV",
      because: `It takes ${platform.KV_WRITES_PER_KEY} write a second. Starts and checks write none; each denied network has a key of its own.`,
    },
  ];
}
