/**
 * What Cloudflare charges for a million verifications that are sent, delivered, read and approved as Sandi ships,
 * in US dollars at the paid plan's list prices of 2026: requests, rows, queues, CPU and objects' time. Counted, by
 * `npm run bench:cost -- --path plain`, which also says when it counts something else than this.
 */
const USD_PER_MILLION = 14.7;

/**
 * Of one verification, in US dollars. Allowances that come with the plan are not deducted, so a small team pays
 * less: usually nothing. Fallbacks, named limits and webhook endpoints come on top, as the same command tells.
 */
export const PLATFORM_COST_USD = USD_PER_MILLION / 1e6;
