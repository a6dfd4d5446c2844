import { type AccountSettings, APP, BUSINESS_PORTFOLIO } from "../../account/settings.ts";

type Entity = AccountSettings["health"][number];
type EntityType = Entity["entity_type"];
type Availability = Entity["can_send_message"];

const WORST_FIRST: readonly Availability[] = ["BLOCKED", "LIMITED", "AVAILABLE"];

/** The objects that a message depends on, from the one that was asked for upwards. */
export interface HealthSubject {
  template?: string;
  number?: string;
  account: string;
}

/** `health_status` of a node: the worst of its entities decides. Source: Meta's page "Messaging health status". */
export function healthStatus(settings: AccountSettings, subject: HealthSubject): object {
  const ids: [EntityType, string | undefined][] = [
    ["MESSAGE_TEMPLATE", subject.template],
    ["PHONE_NUMBER", subject.number],
    ["WABA", subject.account],
    ["BUSINESS", BUSINESS_PORTFOLIO.id],
    ["APP", APP.id],
  ];
  const entities = ids.flatMap(([type, id]) =>
    id === undefined ? [] : [Object.assign({ id }, entityOf(settings, type))],
  );
  const worst = WORST_FIRST.find((state) =>
    entities.some(({ can_send_message }) => can_send_message === state),
  );
  return { can_send_message: worst, entities };
}

function entityOf(settings: AccountSettings, entity_type: EntityType): Entity {
  const chosen = settings.health.find((entity) => entity.entity_type === entity_type);
  if (chosen) return chosen;
  switch (entity_type) {
    case "PHONE_NUMBER":
      return numberHealth(settings);
    case "WABA":
      return settings.payment
        ? { entity_type, can_send_message: "AVAILABLE" }
        : {
            entity_type,
            can_send_message: "BLOCKED",
            errors: [
              {
                error_code: 141006,
                error_description: "There is an issue with the payment method of this account",
                possible_solution: "Add a payment method in WhatsApp Manager",
              },
            ],
          };
    case "BUSINESS":
      return settings.verification === "verified"
        ? { entity_type, can_send_message: "AVAILABLE" }
        : {
            entity_type,
            can_send_message: "LIMITED",
            errors: [
              {
                error_code: 141010,
                error_description: "This business has not been verified",
                possible_solution: "Complete business verification in the security centre",
              },
            ],
          };
    default:
      return { entity_type, can_send_message: "AVAILABLE" };
  }
}

function numberHealth({ name_status, platform_type, status }: AccountSettings): Entity {
  const entity_type = "PHONE_NUMBER";
  if (platform_type !== "CLOUD_API" || status !== "CONNECTED") {
    return {
      entity_type,
      can_send_message: "BLOCKED",
      additional_info: ["The phone number is not connected to the Cloud API."],
    };
  }
  if (name_status === "APPROVED" || name_status === "AVAILABLE_WITHOUT_REVIEW") {
    return { entity_type, can_send_message: "AVAILABLE" };
  }
  return {
    entity_type,
    can_send_message: "LIMITED",
    additional_info: ["Your display name has not been approved yet."],
  };
}
