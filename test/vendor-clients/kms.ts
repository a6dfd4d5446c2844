import { randomBytes } from "node:crypto";
import { buildClient, CommitmentPolicy, KmsKeyringNode } from "@aws-crypto/client-node";
import { listen, readBody, respondJson } from "../world/network.ts";

/** A stand-in for AWS KMS with one key. */
export interface Kms {
  /** Points AWS's SDK at it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Encrypts as Cognito does, in base64. */
  encrypt(text: string): Promise<string>;
  close(): void;
}

/** Starts a stand-in for AWS KMS: data keys are random, and their ciphertexts name them. */
export async function startKms(arn: string): Promise<Kms> {
  const dataKeys = new Map<string, string>();
  const server = await listen(async (request, response) => {
    const call = JSON.parse((await readBody(request)) ?? "{}") as { CiphertextBlob?: string };
    const isDecrypt = request.headers["x-amz-target"] === "TrentService.Decrypt";
    const blob = isDecrypt ? (call.CiphertextBlob ?? "") : randomBytes(64).toString("base64");
    const plaintext = isDecrypt ? dataKeys.get(blob) : randomBytes(32).toString("base64");
    if (plaintext === undefined) return respondJson(response, 400, { __type: "InvalidCiphertextException" });
    dataKeys.set(blob, plaintext);
    respondJson(response, 200, { KeyId: arn, Plaintext: plaintext, CiphertextBlob: blob });
  });
  const environment = {
    AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${server.port}`,
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
  };
  Object.assign(process.env, environment);
  const { encrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT);
  const keyring = new KmsKeyringNode({ generatorKeyId: arn });
  return {
    environment,
    async encrypt(text) {
      const { result } = await encrypt(keyring, text);
      return result.toString("base64");
    },
    close: server.close,
  };
}
