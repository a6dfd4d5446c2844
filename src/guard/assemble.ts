import type { Keyring } from "../platform/keyring.ts";
import type { LocationCache } from "../platform/location-cache.ts";
import type { DestinationRange } from "./budget/destination-range.ts";
import { HardCaps } from "./budget/hard-caps.ts";
import { Ledger } from "./budget/ledger.ts";
import { TrafficBudget } from "./budget/traffic-budget.ts";
import { BlockedNetworks } from "./clients/blocked-networks.ts";
import { CheckGuard } from "./clients/check-guard.ts";
import { DeniedClients } from "./clients/denied-clients.ts";
import { decisionReporter, type GuardEvent } from "./decision.ts";
import { BlockList, Destinations } from "./destinations/destinations.ts";
import { GuardLists } from "./destinations/lists.ts";
import { Fence } from "./fence.ts";
import { Guard } from "./guard.ts";
import { NamedLimits } from "./limits/named-limits.ts";
import type { GuardSettings } from "./settings.ts";
import { TeamVeto } from "./team-veto.ts";

/** The configured guard, and what operators act on. */
export interface AssembledGuard {
  readonly guard: Guard;
  readonly checkGuard: CheckGuard;
  readonly lists: GuardLists;
  readonly ranges: DurableObjectNamespace<DestinationRange>;
  readonly deniedClients: DeniedClients;
}

/** Builds the guard from its settings, with the rules in the order of their evaluation. */
export function assembleGuard(
  env: Env,
  settings: GuardSettings,
  keyring: Keyring,
  publish: (event: GuardEvent) => Promise<void>,
  cache: LocationCache | null,
): AssembledGuard {
  const lists = new GuardLists(env.GUARD_LISTS, keyring);
  const ledger = new Ledger(env.TALLIES, settings.caps, cache);
  const reportDecision = decisionReporter(keyring, publish);
  const networks = env.CLIENT_NETWORKS;
  const deniedClients = new DeniedClients(
    { blocked: new BlockedNetworks(env.GUARD_LISTS), networks, keyring },
    settings.numberOwner,
  );
  const shares = env.API_KEY_SHARES;
  const rateLimits = [
    new Fence({ apiKey: env.API_KEY_FENCE, client: env.CLIENT_FENCE, shares }, settings.fence),
  ];
  const destinations = [
    new BlockList(lists, settings.destinations.mode),
    new Destinations(settings.destinations),
  ];
  const inMemory = [...destinations, deniedClients, new HardCaps(ledger, settings.caps)];
  const remote = [
    new TrafficBudget({ ranges: env.RANGES, ledger, lists, keyring, reportDecision }, settings.budget),
    new NamedLimits(env.LIMIT_COUNTERS, keyring, settings.namedLimits),
    new TeamVeto(settings.veto, settings.vetoSecret),
  ];
  // By cost: the platform's own counters, the isolate's memory, then calls to objects and to the team's system.
  const stages = [rateLimits, inMemory, remote];
  return {
    guard: new Guard({ testNumbers: settings.testNumbers, lists, destinations, stages, reportDecision }),
    checkGuard: new CheckGuard(
      {
        fence: { apiKey: env.API_KEY_CHECK_FENCE, client: env.CLIENT_CHECK_FENCE, shares },
        networks,
        keyring,
        reportDecision,
      },
      settings,
    ),
    lists,
    ranges: env.RANGES,
    deniedClients,
  };
}
