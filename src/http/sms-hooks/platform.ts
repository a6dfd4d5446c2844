import * as z from "zod";
import type { Via } from "../../ids/via.ts";

/** What a platform's hook says of one message; null for what it does not say. */
export interface HookMessage {
  /** As the platform writes it: some leave the plus sign out. */
  readonly number: string | null;
  readonly code: string | null;
  readonly locale: string | null;
  /** The address of the user who requested the code. */
  readonly ip: string | null;
  /** The platform's id of the message, the same in each repetition. */
  readonly id: string | null;
  /** The purpose that the platform's type of message stands for. */
  readonly purpose: string | null;
}

/** A platform's part of the path, and the `via` of its verifications. */
export type PlatformName = Exclude<Via, "v1" | "twilio" | "vonage" | "camara">;

/** An auth platform that makes and checks codes itself, and calls a hook to have them sent. */
export interface Platform<Body extends z.ZodType = z.ZodType> {
  readonly name: PlatformName;
  readonly title: string;
  /**
   * The fields that are read. Others are ignored, because platforms add some every month. Made for the first call: most
   * deployments serve one platform.
   */
  body(): Body;
  readonly example: z.input<Body>;
  /** Null for a call that asks for no message. */
  read(body: z.output<Body>): HookMessage | null;
}

/** Infers the types of a platform. */
export function definePlatform<Body extends z.ZodType>(platform: Platform<Body>): Platform<Body> {
  return platform;
}

/** A text in a hook's body. A value of another type is a text that is not there. */
export const text = z.string().optional().catch(undefined);

/** An object in a hook's body. Unknown fields stay in it, so that two different bodies stay different. */
export function part<Fields extends z.core.$ZodLooseShape>(fields: Fields) {
  return z.looseObject(fields).optional().catch(undefined);
}

/**
 * The code in the last line of a text, in the form that browsers read: `@example.com #482913`
 * (https://wicg.github.io/sms-one-time-codes/). Null where the last line has another form.
 */
export function originBoundCode(message: string | undefined): string | null {
  return /(?:^|\n)@\S+ #([^\s#]+)(?: @\S+)?\s*$/.exec(message ?? "")?.[1] ?? null;
}
