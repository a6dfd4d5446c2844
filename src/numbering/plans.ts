import type { MetadataJson } from "libphonenumber-js/core/es6";
import plans from "./plans.json" with { type: "json" };

/** The numbering plans of libphonenumber-js without what is not used here. `npm run build:numbering` writes them. */
export const PLANS = plans as unknown as MetadataJson;
