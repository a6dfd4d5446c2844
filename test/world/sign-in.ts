/** `npm run dev`, as a browser and the user's phone know it. */
export interface SignInAddresses {
  /** The issuer. */
  readonly api: string;
  readonly phone: string;
}

/**
 * Goes through the page of sign-in as a browser does, by form posts, and returns where the provider sends it in the end.
 *
 * @param isFixed The request names the number, so that the page does not ask for it.
 */
export async function signInByForms(
  { api, phone }: SignInAddresses,
  url: URL,
  number: string,
  isFixed = false,
): Promise<URL> {
  const first = await fetch(url, { redirect: "manual" });
  if (first.status === 303) return locationOf(first);
  const cookie = (first.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const press = async (page: Response, form: string, fields: Readonly<Record<string, string>>) => {
    const flow = /name="flow" value="([^"]+)"/.exec(await page.text())?.[1] ?? "";
    return fetch(`${api}/oauth/authorize/${form}`, {
      method: "POST",
      redirect: "manual",
      headers: { cookie, origin: api },
      body: new URLSearchParams({ flow, ...fields }),
    });
  };
  const sent = await press(first, "number", isFixed ? {} : { number });
  if (sent.status === 303) return locationOf(sent);
  return locationOf(await press(sent, "code", { code: await codeSentTo(phone, number) }));
}

async function codeSentTo(phone: string, number: string): Promise<string> {
  const response = await fetch(`${phone}/_sim/messages?to=${encodeURIComponent(number)}`);
  const { messages } = (await response.json()) as { messages: readonly { code: string }[] };
  return messages[0]?.code ?? "";
}

async function locationOf(response: Response): Promise<URL> {
  const location = response.headers.get("location");
  if (response.status !== 303 || location === null) {
    throw new Error(`The page answered ${response.status}\n${await response.text()}`);
  }
  return new URL(location);
}
