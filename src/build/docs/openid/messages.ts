import * as z from "zod";
import { binding } from "../../../wire/verification.ts";

const payment = binding.extend({ type: z.literal("payment") });

const described = (description: string) => z.string().optional().meta({ description });

/** The parameters of an authentication request (OpenID Connect Core, section 3.1.2.1), in a query or a form. */
const request = {
  redirect_uri: described("One of the client's, character by character."),
  response_type: z.literal("code").optional(),
  scope: described("Has `openid`. What the client is not registered with is passed over."),
  code_challenge: described(
    "43 characters. Needed unless the client has a secret and `require_pkce: false`.",
  ),
  code_challenge_method: z.literal("S256").optional(),
  state: described("Comes back with the answer; at most 2,048 characters."),
  nonce: described("Comes back in the ID token; at most 512 characters."),
  prompt: described("With `none` the answer is `login_required`, since the user has to type a code."),
  login_hint: described(
    "A number in E.164. From a browser it is proposed; pushed by a client with a secret it is fixed.",
  ),
  id_token_hint: described("An ID token of this client, of any age: the number has to be the same user's."),
  ui_locales: described("The languages of the page and the message, the preferred one first."),
};

/** What a browser is sent with. */
export const authorizeQuery = z.object({
  client_id: z.string(),
  request_uri: described("What a pushed request was answered with, in place of every parameter below."),
  ...request,
});

/** How a client without Basic names itself. */
const clientFields = {
  client_id: described("In place of Basic."),
  client_secret: described("In place of Basic, for a client that has a secret."),
};

export const pushedRequest = z.object({
  ...request,
  authorization_details: described(
    'The payment to confirm, by a client with a secret: `[{"type": "payment", "amount", "currency", "payee"}]` as JSON.',
  ),
  ...clientFields,
});

export const pushedAnswer = z.object({
  request_uri: z.string().meta({ description: "Goes into the browser's address, with `client_id`." }),
  expires_in: z.int().meta({ description: "Seconds." }),
});

export const tokenRequest = z.object({
  grant_type: z.literal("authorization_code"),
  code: z.string().meta({ description: "Valid for 60 seconds, and once." }),
  redirect_uri: described("The one of the request. May be left out where there was a challenge."),
  code_verifier: described(
    "43 to 128 characters. Needed where there was a challenge, and refused where not.",
  ),
  ...clientFields,
});

export const tokenAnswer = z.object({
  access_token: z.string().meta({ description: "For userinfo alone." }),
  token_type: z.literal("Bearer"),
  expires_in: z.int().meta({ description: "Seconds." }),
  scope: z.string(),
  id_token: z
    .string()
    .meta({ description: "A JWT that says who signed in, by the algorithm of the client." }),
  authorization_details: z.array(payment).optional(),
});

/** Claims besides `sub` depend on the scope and the client. */
export const userInfo = z.object({
  sub: z.string().meta({ description: "Names the number, for this client." }),
  phone_number: described("With the scope `phone`."),
  phone_number_verified: z.literal(true).optional(),
  phone: described("The number again, with `claim_aliases`."),
  phone_verified: z.literal(true).optional(),
  email: described("With `placeholders`: an address without a mailbox."),
  email_verified: z.literal(false).optional(),
  name: described("With `placeholders`: the masked number."),
});

/** RFC 6749, section 5.2. */
export const oauthError = z
  .object({
    error: z.string().meta({ description: "What a program tells errors apart by." }),
    error_description: z.string(),
  })
  .meta({ id: "OAuthError", description: "An error as OAuth answers it (RFC 6749, section 5.2)." });
