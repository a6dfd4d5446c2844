/** Meta's price categories of a delivered message; status webhooks name them in `pricing.category`. */
type Category = "authentication" | "authentication-international" | "utility" | "service" | "marketing";

/** A market of Meta's rate card: US dollars a delivered message, in the first volume tier. */
interface Market {
  /** ISO 3166-1 alpha-2, separated by spaces. */
  readonly countries: string;
  /** Authentication, utility and service messages cost the same. */
  readonly standard: number;
  /** Where Meta has an authentication-international rate. */
  readonly international?: number;
  readonly marketing: number;
}

/** The first day of the rate card below. Meta changes its rates on the first day of a quarter only. */
export const WHATSAPP_PRICES_DATE = "2026-10-01";

/**
 * Meta's USD rate card of 2026-10-01, by country instead of calling code. Guernsey, Jersey and the Isle of Man are
 * billed as the United Kingdom, for they share its calling code; so are others that share one.
 */
const MARKETS: readonly Market[] = [
  { countries: "AR", standard: 0.026, marketing: 0.0618 },
  { countries: "AE", standard: 0.0157, international: 0.051, marketing: 0.0576 },
  { countries: "BD", standard: 0.0037, international: 0.096, marketing: 0.0732 },
  { countries: "BR", standard: 0.0068, marketing: 0.0625 },
  { countries: "CL", standard: 0.02, marketing: 0.0889 },
  { countries: "CO", standard: 0.0008, marketing: 0.0125 },
  { countries: "DE", standard: 0.055, marketing: 0.1365 },
  { countries: "EG", standard: 0.0036, international: 0.065, marketing: 0.0644 },
  { countries: "ES", standard: 0.02, marketing: 0.0707 },
  { countries: "FR", standard: 0.03, marketing: 0.0859 },
  { countries: "GB GG IM JE", standard: 0.022, marketing: 0.0635 },
  { countries: "HK", standard: 0.026, marketing: 0.0732 },
  { countries: "HU", standard: 0.035, marketing: 0.086 },
  { countries: "ID", standard: 0.025, international: 0.136, marketing: 0.0411 },
  { countries: "IL", standard: 0.0053, marketing: 0.0353 },
  { countries: "IN", standard: 0.0014, international: 0.0304, marketing: 0.0118 },
  { countries: "IQ", standard: 0.0079, international: 0.128, marketing: 0.0341 },
  { countries: "IT VA", standard: 0.03, marketing: 0.0795 },
  { countries: "KW", standard: 0.044, international: 0.12, marketing: 0.0792 },
  { countries: "KZ", standard: 0.018, international: 0.16, marketing: 0.0604 },
  { countries: "LK", standard: 0.002, international: 0.144, marketing: 0.0732 },
  { countries: "EH MA", standard: 0.023, international: 0.0811, marketing: 0.0414 },
  { countries: "MX", standard: 0.0085, marketing: 0.0397 },
  { countries: "MY", standard: 0.014, international: 0.0418, marketing: 0.086 },
  { countries: "NG", standard: 0.0067, international: 0.075, marketing: 0.0516 },
  { countries: "NL", standard: 0.05, marketing: 0.1597 },
  { countries: "NP", standard: 0.0034, international: 0.112, marketing: 0.0732 },
  { countries: "OM", standard: 0.0247, international: 0.06, marketing: 0.0341 },
  { countries: "PE", standard: 0.03, marketing: 0.0703 },
  { countries: "PK", standard: 0.015, international: 0.075, marketing: 0.0473 },
  { countries: "PL", standard: 0.0122, marketing: 0.0366 },
  { countries: "QA", standard: 0.012, marketing: 0.0341 },
  { countries: "RO", standard: 0.029, marketing: 0.086 },
  { countries: "RU", standard: 0.04, marketing: 0.0802 },
  { countries: "SA", standard: 0.0107, international: 0.0598, marketing: 0.0576 },
  { countries: "SG", standard: 0.016, marketing: 0.0732 },
  { countries: "TR", standard: 0.0009, marketing: 0.0109 },
  { countries: "UA", standard: 0.0298, international: 0.0746, marketing: 0.086 },
  { countries: "ZA", standard: 0.0095, international: 0.02, marketing: 0.0379 },
  // North America: +1 without most of the Caribbean.
  { countries: "AS CA GU MP US VI", standard: 0.0034, marketing: 0.025 },
  // Rest of Africa.
  {
    countries:
      "AO BF BI BJ BW CG CI CM DZ ER ET GA GH GM GW KE LR LS LY MG ML MR MW MZ NA NE RW SD SL SN SO SS SZ TD TG TN TZ UG ZM ZW",
    standard: 0.004,
    marketing: 0.0225,
  },
  // Rest of Asia Pacific.
  {
    countries: "AF AU CC CN CX JP KH LA MN NZ PG PH TH TJ TM TW UZ VN",
    standard: 0.0113,
    marketing: 0.0842,
  },
  // Rest of Central and Eastern Europe.
  { countries: "AL AM AZ BG BY CZ GE GR HR LT LV MD MK RS SI SK", standard: 0.0212, marketing: 0.086 },
  // Rest of Latin America.
  { countries: "BO CR DO EC GT HN HT JM NI PA PR PY SV UY VE", standard: 0.0113, marketing: 0.074 },
  // Rest of the Middle East.
  { countries: "BH JO LB YE", standard: 0.0091, marketing: 0.0392 },
  // Rest of Western Europe.
  { countries: "AT AX BE CH DK FI IE NO PT SE SJ", standard: 0.0171, marketing: 0.0592 },
];

/** Every other country. */
const OTHER: Market = { countries: "", standard: 0.0077, marketing: 0.0604 };

/** US dollars a message, by country (ISO 3166-1 alpha-2, or `*` for every other) and price category. */
export type MessagePrices = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Meta's rate card as a table of prices. Where there is no international rate, the standard one applies. */
export function whatsAppPrices(): MessagePrices {
  const byCountry = MARKETS.flatMap((market) =>
    market.countries.split(" ").map((country) => [country, pricesOf(market)] as const),
  );
  return Object.fromEntries([...byCountry, ["*", pricesOf(OTHER)]]);
}

function pricesOf({ standard, international = standard, marketing }: Market): Record<Category, number> {
  return {
    authentication: standard,
    "authentication-international": international,
    utility: standard,
    service: standard,
    marketing,
  };
}
