/**
 * Amazon Cognito's trigger "Custom SMS sender". Sends Cognito's codes over WhatsApp with Sandi.
 *
 * Environment: KEY_ARN, the KMS key of the user pool; SANDI_URL, such as https://otp.example.com; and SANDI_KEY, an API
 * key with the scope `hooks`. Package: @aws-crypto/client-node. The function's role needs kms:Decrypt for the key.
 */
import { buildClient, CommitmentPolicy, KmsKeyringNode } from "@aws-crypto/client-node";

/** Reads ciphertexts with and without a key commitment. */
const { decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT);

const TIMEOUT_MS = 10_000;

export const handler = (event, context) => send(event, context, new KmsKeyringNode({ keyIds: [process.env.KEY_ARN] }));

/** Lambda runs a call that throws twice more, with the same request id: Sandi sends a message once. */
export async function send({ triggerSource, userName, request }, { awsRequestId: id }, keyring) {
  // Cognito calls without a code for messages that Sandi does not send.
  if (!request.code) return;
  const { plaintext } = await decrypt(keyring, Buffer.from(request.code, "base64"));
  const { userAttributes } = request;
  const body = { id, triggerSource, userName, code: plaintext.toString("utf8"), userAttributes };
  const response = await fetch(new URL("/hooks/cognito", process.env.SANDI_URL), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${process.env.SANDI_KEY}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`Sandi answered ${response.status}.`);
}
