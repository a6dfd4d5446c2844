import type { HonoRequest } from "hono";

/** A form's fields. Decoded here, because workerd warns of forms that are read as text. */
export async function formOf(request: HonoRequest): Promise<URLSearchParams> {
  return new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()));
}
