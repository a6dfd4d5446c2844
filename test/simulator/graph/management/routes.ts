import { Hono } from "hono";
import { APP, BUSINESS_PORTFOLIO, SYSTEM_USER } from "../../account/settings.ts";
import { type Access, type GraphEnv, MANAGEMENT_SCOPE } from "../access.ts";
import { GraphError, unknownObject } from "../errors.ts";
import { selectFields } from "../fields.ts";
import type { GraphOptions } from "../routes.ts";
import { accountNode, numberNode, numbersOf, senderNames, templateNode } from "./nodes.ts";
import { tokenInfo } from "./token.ts";

/** Reads of token, app, account, number and templates by their ids, below a version. */
export function managementReads(access: Access, options: GraphOptions): Hono<GraphEnv> {
  const { account, store } = options;
  const meta = store.account;
  const app = new Hono<GraphEnv>();

  app.get("/debug_token", (c) => {
    const input = c.req.query("input_token");
    if (input === undefined) {
      throw new GraphError(100, { message: "(#100) The parameter input_token is required" });
    }
    const isKnown = input === options.accessToken;
    if (isKnown && c.get("caller") === "app" && meta.settings.token.app_id !== APP.id) {
      throw new GraphError(100, {
        message: "(#100) The App_id in the input_token did not match the Viewing App",
      });
    }
    return c.json({ data: tokenInfo(meta, access, isKnown) });
  });

  app.get("/:id", (c) => {
    const fields = c.req.query("fields");
    const id = c.req.param("id");
    const caller = c.get("caller");
    switch (id) {
      case "app":
      case APP.id:
        return c.json(
          appNode(id === "app" && caller === "user" ? meta.settings.token.app_id : APP.id, fields),
        );
      case "me":
        return c.json(selectFields({ ...(caller === "app" ? APP : SYSTEM_USER) }, fields, ["name"], "User"));
      case BUSINESS_PORTFOLIO.id:
        access.requireScope(caller, "business_management");
        return c.json(selectFields({ ...BUSINESS_PORTFOLIO }, fields, ["name"], "Business"));
      case account.phoneNumberId:
        access.requireNumber(caller, "get", id, MANAGEMENT_SCOPE);
        return c.json(numberNode(meta.settings, senderNames(id), fields));
    }
    const number = meta.settings.more_numbers.find((other) => other.id === id);
    if (number !== undefined) {
      access.requireNumber(caller, "get", id, MANAGEMENT_SCOPE);
      return c.json(numberNode(meta.settings, number, fields));
    }
    const template = store.templates.withId(id);
    if (template !== undefined) {
      const { businessAccountId, phoneNumberId } = account;
      access.requireAccount(caller, "get", businessAccountId);
      return c.json(templateNode(meta.settings, template, businessAccountId, phoneNumberId, fields));
    }
    access.requireAccount(caller, "get", id);
    return c.json(accountNode(meta.settings, id, fields));
  });

  app.get("/:id/phone_numbers", (c) => {
    const id = c.req.param("id");
    access.requireAccount(c.get("caller"), "get", id);
    const numbers = numbersOf(meta.settings, id, account.phoneNumberId);
    return c.json({
      data: numbers.map((number) => numberNode(meta.settings, number, c.req.query("fields"))),
    });
  });

  app.get("/:id/activities", (c) => {
    access.requireAccount(c.get("caller"), "get", c.req.param("id"));
    return c.json({ data: meta.history.activities.toReversed() });
  });

  app.get("/:id/assigned_users", (c) => {
    const id = c.req.param("id");
    access.requireAccount(c.get("caller"), "get", id);
    if (c.req.query("business") !== BUSINESS_PORTFOLIO.id) {
      throw new GraphError(100, { message: "(#100) The parameter business is required." });
    }
    return c.json({ data: [{ ...SYSTEM_USER, tasks: meta.settings.token.tasks }] });
  });

  app.get("/:id/owned_whatsapp_business_accounts", (c) => {
    const id = c.req.param("id");
    access.requireScope(c.get("caller"), "business_management");
    if (id !== BUSINESS_PORTFOLIO.id) throw unknownObject("get", id);
    const accounts = [account.businessAccountId];
    return c.json({ data: accounts.map((waba) => accountNode(meta.settings, waba, c.req.query("fields"))) });
  });

  return app;
}

function appNode(id: string, fields: string | undefined) {
  const node = {
    id,
    name: id === APP.id ? APP.name : "Another app",
    namespace: "sandi",
    link: "https://example.com/",
  };
  return selectFields(node, fields, ["name", "namespace", "link"], "Application");
}
