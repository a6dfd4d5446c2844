import type { Random } from "../../world/random.ts";
import type { Pool } from "../pool.ts";
import { valueOfHook } from "./hooks.ts";

/** Ranges without numbers of the run, so that a block list refuses no later request. */
const UNUSED_RANGES = ["+44790090", "+88213", "+99912", "+3584570"] as const;

/** A value for a field by its name; undefined when any value of the schema will do. */
export function valueFor(name: string, random: Random, pool: Pool): unknown {
  if (name === "") return undefined;
  return (
    valueOfTwilio(name, random, pool) ??
    valueOfVonage(name, random, pool) ??
    valueOfCamara(name, random, pool) ??
    valueOfApi(name, random, pool) ??
    valueOfHook(name, random, pool)
  );
}

function valueOfVonage(name: string, random: Random, pool: Pool): unknown {
  switch (name) {
    case "request_id":
      return pool.id("uuid");
    case "workflow": {
      // Steps to different numbers are refused.
      const to = pool.number();
      const channels = random.pick([["whatsapp"], ["whatsapp", "sms"], ["voice", "sms"], ["email"]]);
      return random.chance(0.8) ? channels.map((channel) => ({ channel, to })) : undefined;
    }
    default:
      return undefined;
  }
}

function valueOfCamara(name: string, random: Random, pool: Pool): unknown {
  switch (name) {
    case "authenticationId":
      return pool.id("uuid");
    case "phoneNumber":
      return pool.number();
    case "message":
      return random.chance(0.8) ? "{{code}} is your code." : undefined;
    default:
      return undefined;
  }
}

/** Its parameters begin with a capital. */
function valueOfTwilio(name: string, random: Random, pool: Pool): unknown {
  switch (name) {
    case "ServiceSid":
    case "VerifyServiceSid":
      return random.pick(["login", "login", "signup", "transaction", `VA${"0".repeat(32)}`, "nothing"]);
    case "Sid":
    case "VerificationSid":
      return random.chance(0.7) || name !== "Sid" ? pool.id("VE") : pool.number();
    case "Channel":
      return random.pick(["whatsapp", "sms", "auto"]);
    case "Amount":
      return random.chance(0.3) ? random.pick(["€39.99", "USD 1,000", "5"]) : undefined;
    default:
      return /^[A-Z]/.test(name) ? valueOfApi(name.toLowerCase(), random, pool) : undefined;
  }
}

function valueOfApi(name: string, random: Random, pool: Pool): unknown {
  switch (name) {
    case "redirect_uris":
      return random.pick([
        ["https://shop.example.com/callback"],
        ["https://shop.example.com/callback", "https://bank.example.com/callback"],
        ["com.example.app:/callback", "http://127.0.0.1:3000/"],
      ]);
    case "scope":
      return random.pick(["openid", "openid phone", "openid phone profile email", "phone"]);
    case "email_domain":
      return random.pick(["users.example.com", "localhost"]);
    case "to":
      return pool.number();
    case "number":
    case "prefix":
      return random.pick(UNUSED_RANGES) + (name === "number" ? "1234" : "");
    case "range":
      return pool.number().slice(0, -4);
    case "code":
      return pool.code();
    case "purpose":
      return random.pick(["login", "login", "signup", "recovery", "transaction"]);
    case "app":
      return random.pick(["default", "shop", "shop", "another"]);
    case "session":
      // Few, so that requests of the same session meet.
      return random.chance(0.7) ? random.pick(["browser-1", "browser-2"]) : undefined;
    case "locale":
      return random.pick(["id", "en-US", "pt-BR", "zh-Hant-TW", "x-private"]);
    case "languages":
      return random.chance(0.7) ? random.pick([["en_US"], ["id", "pt_BR"], ["fr"]]) : undefined;
    case "template":
      return pool.template();
    case "parameters":
      return random.chance(0.5) ? { name: "Ana", order: "A-77", amount: "9", 1: "x" } : undefined;
    case "body":
      return random.pick(["Hi {{name}}, order {{order}} has shipped.", "Nothing to fill in.", "Hi {{1}}."]);
    case "examples":
      return { name: "Ana", order: "A-77" };
    case "url":
      return random.pick(["https://hooks.example.com/sandi", "https://example.com/t/{{order}}"]);
    case "after":
      return pool.cursor();
    case "message_send_ttl_seconds":
      return random.pick([60, 600, 900]);
    case "from":
      return new Date(Date.now() - random.below(10_000_000)).toISOString();
    default:
      return undefined;
  }
}
