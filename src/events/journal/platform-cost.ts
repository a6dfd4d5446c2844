/**
 * What Cloudflare charges for one verification on the paid plan, in US dollars: an estimate from its price list
 * (November 2026) and from what the code does for a verification that is sent, delivered, read and approved.
 * Allowances that come with the plan are not deducted, so a small team pays less: usually nothing.
 */
const MILLION = 1e6;

const PARTS_USD = [
  // Worker requests: start, check, three status webhooks, two batches of events. 0.30 a million.
  (7 * 0.3) / MILLION,
  // Their CPU time, some 3 ms each. 0.02 a million milliseconds.
  (7 * 3 * 0.02) / MILLION,
  // Calls to the object: start, check, three updates, two alarms. 0.15 a million.
  (7 * 0.15) / MILLION,
  // Rows the object writes: one for each of five steps and for the alarm's expiry, two alarms set, two rows
  // deleted. 1.00 a million.
  (10 * 1.0) / MILLION,
  // Events, where the team's endpoints want them all: started, three of its message, approved. Each is written
  // to the queue, read and deleted. 0.40 a million.
  (5 * 3 * 0.4) / MILLION,
  // Rows in the journal: the verification and its index, one update after it closed, two deleted. 1.00 a million.
  (5 * 1.0) / MILLION,
];

export const PLATFORM_COST_USD = PARTS_USD.reduce((sum, part) => sum + part, 0);
