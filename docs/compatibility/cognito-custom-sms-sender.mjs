/**
 * Amazon Cognito's trigger "Custom SMS sender". Sends Cognito's codes over WhatsApp with Sandi.
 *
 * Environment: KEY_ARN, the KMS key of the user pool; SANDI_URL, such as https://otp.example.com; and SANDI_KEY, an API
 * key with the scope `hooks`. Package: @aws-crypto/client-node. The function's role needs kms:Decrypt for the key.
 */
import { buildClient, CommitmentPolicy, KmsKeyringNode } from "@aws-crypto/client-node";

const { KEY_ARN, SANDI_URL, SANDI_KEY } = process.env;
const TIMEOUT_MS = 10_000;

// Decrypts with and without a key commitment: which one it is, Cognito decides.
const { decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT);
const keyring = new KmsKeyringNode({ keyIds: [KEY_ARN] });

/** Lambda runs a call that throws twice more, with the same request id, by which Sandi tells a repetition. */
export async function handler({ triggerSource, userName, request }, { awsRequestId: id }) {
  // There are messages without a code.
  if (!request.code) return;
  const { plaintext } = await decrypt(keyring, Buffer.from(request.code, "base64"));
  const { userAttributes } = request;
  const response = await fetch(new URL("/hooks/cognito", SANDI_URL), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${SANDI_KEY}` },
    body: JSON.stringify({ id, triggerSource, userName, code: plaintext.toString("utf8"), userAttributes }),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`Sandi answered ${response.status}.`);
}
