/** The windows of `[vars.NUMBER_LIMITS]` as wrangler.toml ships them; most tests have only the day's. */
export const SHIPPED_LIMITS = {
  NUMBER_LIMITS: { sends: "1 per 6 s, 3 per 2 min, 6 per h, 10 per day", kept_for_known: 3 },
};
