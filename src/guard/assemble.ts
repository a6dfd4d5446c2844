import type { Keyring } from "../platform/keyring.ts";
import type { DestinationRange } from "./budget/destination-range.ts";
import { HardCaps } from "./budget/hard-caps.ts";
import { Ledger } from "./budget/ledger.ts";
import { TrafficBudget } from "./budget/traffic-budget.ts";
import type { GuardEvent } from "./decision.ts";
import { DeniedClients } from "./denied-clients.ts";
import { BlockList } from "./destinations/block-list.ts";
import { Destinations } from "./destinations/destinations.ts";
import { GuardLists } from "./destinations/lists.ts";
import { Fence } from "./fence.ts";
import { Guard } from "./guard.ts";
import { NamedLimits } from "./limits/named-limits.ts";
import { decisionReporter } from "./report.ts";
import type { GuardSettings } from "./settings.ts";
import { TeamVeto } from "./veto/team-veto.ts";

/** The guard as the configuration wants it, and what an operator works on. */
export interface AssembledGuard {
  readonly guard: Guard;
  readonly lists: GuardLists;
  readonly ranges: DurableObjectNamespace<DestinationRange>;
}

/** Puts the rules in the order in which they are asked. */
export function assembleGuard(
  env: Env,
  settings: GuardSettings,
  keyring: Keyring,
  publish: (event: GuardEvent) => Promise<void>,
): AssembledGuard {
  const lists = new GuardLists(env.GUARD_LISTS, keyring);
  const ledger = new Ledger(env.TALLIES, settings.caps);
  const reportDecision = decisionReporter(keyring, publish);
  const counted = [new Fence({ apiKey: env.API_KEY_FENCE, client: env.CLIENT_FENCE }, settings.fence)];
  const known = [
    new BlockList(lists, settings.destinations.mode),
    new Destinations(settings.destinations),
    new DeniedClients(env.GUARD_LISTS, keyring, settings.numberOwner),
    new HardCaps(ledger, settings.caps),
  ];
  const remote = [
    new TrafficBudget(
      { ranges: env.RANGES, ledger, lists, keyring, reportDecision: reportDecision },
      settings.budget,
    ),
    new NamedLimits(env.LIMIT_COUNTERS, keyring, settings.namedLimits),
    new TeamVeto(settings.veto, settings.vetoSecret),
  ];
  // What the platform counts on the spot, what an isolate knows by heart, what asks objects and other systems.
  const stages = [counted, known, remote];
  return {
    guard: new Guard({ testNumbers: settings.testNumbers, lists, stages, reportDecision: reportDecision }),
    lists,
    ranges: env.RANGES,
  };
}
