import * as z from "zod";
import { described, documented } from "../../platform/documented.ts";

const MOST_ON_PAGE = 100;

/** Twilio's paging, of which a client only follows `next_page_url`. */
export const pageQuery = {
  PageSize: z.coerce
    .number()
    .int()
    .min(1)
    .default(50)
    .transform((size) => Math.min(size, MOST_ON_PAGE))
    .meta(described({ description: `Entries on a page, at most ${MOST_ON_PAGE}.`, examples: [50] })),
  Page: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .meta(described({ description: "As `next_page_url` has it." })),
  PageToken: z
    .string()
    .min(1)
    .max(1024)
    .optional()
    .meta(described({ description: "As `next_page_url` has it." })),
};

const address = z.url();

export const pageMeta = documented(() =>
  z
    .object({
      key: z.string().meta({ description: "The field with the entries." }),
      page: z.int(),
      page_size: z.int(),
      first_page_url: address,
      previous_page_url: z.null(),
      url: address,
      next_page_url: address.nullable(),
    })
    .meta({ id: "TwilioPage" }),
);

interface Page {
  readonly size: number;
  readonly page: number;
  /** The token of the next page; null on the last one. */
  readonly next: string | null;
}

/**
 * The part of a list that tells where its pages are. The addresses are absolute, because clients send their credentials
 * to them as they are.
 *
 * @param filters The query without its page.
 */
export function metaOf(
  key: string,
  address: string,
  filters: URLSearchParams,
  { size, page, next }: Page,
): z.input<typeof pageMeta> {
  const at = (number: number, token?: string | null): string => {
    const query = new URLSearchParams(filters);
    query.set("PageSize", String(size));
    query.set("Page", String(number));
    if (token) query.set("PageToken", token);
    return `${address}?${query}`;
  };
  return {
    key,
    page,
    page_size: size,
    first_page_url: at(0),
    previous_page_url: null,
    url: at(page),
    next_page_url: next === null ? null : at(page + 1, next),
  };
}
