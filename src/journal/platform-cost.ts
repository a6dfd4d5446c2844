/**
 * What Cloudflare charges for a million verifications that are sent, delivered, read and approved with the default
 * settings, in US dollars at the list prices of the paid plan in 2026: requests, rows, queues, CPU and duration of
 * the objects. Counted by `npm run bench:cost -- --path plain`, which reports when this value is out of date.
 */
const PLATFORM_USD_PER_MILLION = 13.8;

/**
 * The platform's cost of one verification in US dollars. The plan's included usage is not deducted, so a small team
 * pays less, often nothing. Fallbacks, named limits and webhook endpoints cost extra; `bench:cost` counts them too.
 */
export const PLATFORM_COST_USD = PLATFORM_USD_PER_MILLION / 1e6;
