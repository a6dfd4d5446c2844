import * as z from "zod";
import { type IssuerConfig, issuerFor } from "../../../keys/issuer/settings.ts";
import type { TokenIssuer } from "../../../keys/issuer/token-issuer.ts";
import type { CheckAnswer } from "../../../phone-number/answers.ts";
import { described } from "../../../platform/documented.ts";
import { Problem } from "../../../platform/problem.ts";
import { PROOF_TYPE, type ProofContext, proofClaims } from "../../../verification/proof.ts";
import type { CheckResponse } from "../../../verification/requests.ts";
import type { Reply } from "../../endpoint.ts";
import { checkedOrThrow, replyToCheck } from "./replies.ts";

/** Asks a check for a proof. */
export const proofField = z
  .strictObject({
    audience: z
      .string()
      .min(1)
      .max(512)
      .meta(
        described({
          description: "Who is to verify the proof: its `aud`.",
          examples: ["https://orders.example.com"],
        }),
      ),
    nonce: z
      .string()
      .min(1)
      .max(512)
      .optional()
      .meta(
        described({
          description: "Echoed in the proof, so that it counts for one request only.",
          examples: ["n-0S6_WzA2Mj"],
        }),
      ),
  })
  .meta(
    described({
      id: "ProofRequest",
      description:
        "Asks for a proof: a JWT that another service can verify by the keys at `/.well-known/jwks.json`, without a call " +
        "to this one. Only a `valid` check is answered with one.",
    }),
  );

/** Signs proofs of approved verifications. */
export class Proofs {
  readonly #issuer: TokenIssuer;
  readonly #config: IssuerConfig;

  constructor(issuer: TokenIssuer, config: IssuerConfig) {
    this.#issuer = issuer;
    this.#config = config;
  }

  /**
   * Prepares the proof of a check, before the check: what can go wrong must not do so once the code is spent. Throws a
   * problem where the deployment has no issuer.
   *
   * @param url The request's address.
   * @returns The reply to the check.
   */
  async prepare(
    { audience, nonce }: z.output<typeof proofField>,
    url: string,
  ): Promise<(response: CheckResponse) => Promise<Reply>> {
    const issuer = issuerFor(url, this.#config);
    if (issuer === null) {
      const detail = "This deployment has no issuer of proofs: SIGN_IN names none.";
      throw new Problem("invalid_request", { errors: [{ pointer: "/proof", detail }] });
    }
    await this.#issuer.ready();
    return async (response) => {
      const reply = replyToCheck(response);
      const answer = checkedOrThrow(response);
      if (!answer.valid) return reply;
      const proof = await this.#sign(answer, { issuer, audience, nonce: nonce ?? null });
      return { ...reply, body: { ...reply.body, proof } };
    };
  }

  async #sign({ verification }: CheckAnswer, context: Omit<ProofContext, "subject">): Promise<string> {
    const { to } = verification;
    if (to === null) throw new Error("Only a code is checked, and that was sent to a number");
    const subject = await this.#issuer.subjectOf(to, null);
    const claims = proofClaims(verification, { ...context, subject });
    return this.#issuer.sign(claims, { typ: PROOF_TYPE, alg: "ES256" });
  }
}
