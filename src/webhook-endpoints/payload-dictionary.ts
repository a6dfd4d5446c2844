/**
 * Texts that events have in common, for DEFLATE to refer to: the most common last, where references are shortest. Rows
 * of {@link DICTIONARIES} are named by their place, so that a published one never changes. Another field of an event
 * only costs its own bytes until a new dictionary, at the end of the list, has it.
 */
const FIRST = [
  // Notices
  '{"kind":"notice","type":"sender.updated","at":17,"id":"evt_closed_open_","data":{"circuit":"account","state":"open",',
  '"error":{"code":"1310","title":"","action":"","details":""},"until":"2026-","field":"account_update","event":"',
  "phone_number_quality_update",
  '{"kind":"notice","type":"template.updated","data":{"field":"message_template_status_update","event":"APPROVED",',
  '"message_template_id":,"message_template_name":"verification_code","message_template_language":"en_US","reason":"NONE"',
  '{"kind":"notice","type":"deployment.degraded","id":"evt_","data":{"check":"","severity":"warning","state":"failed",',
  '"sentence":"","repair":null,"deployment.recovered',
  '{"kind":"notice","type":"message.received","at":17,"id":"evt_","data":{"channel":"whatsapp","from":"+***",',
  '"from_user_id":null,"message_id":null,"context_id":null,"type":"text","text":null,"button_payload":null,',
  '"received_at":"2026-","window_ends_at":"2026-","system":null},"sealed":{"from":"","message_id":"","text":""}}',
  // Decisions of the guard
  '{"kind":"guard","type":"guard.blocked","id":"evt_","at":17,"toSealed":"","decision":{"rule":"range_hour","code":"',
  'destination_not_allowed","code":"rate_limited","code":"traffic_blocked","refused":true,"figures":{"sent":,"approved":',
  '},"limits":{"},"app":"default","purpose":"login","country":"","callerId":"key_","to":"+****"}}',
  // Notifications
  '{"kind":"notification","id":"evt_ntf_","type":"notification.delivered","type":"notification.failed","at":17,',
  '"notification":{"id":"ntf_","app":"default","batch":null,"status":"sent","template":"","language":"en_US",',
  '"metadata":{},"error":null,"providerMessageId":null,"pricing":{"category":"utility","billable":true},"createdAt":17,',
  '"updatedAt":17,"sentAt":null,"deliveredAt":null,"readAt":null,"toMasked":"+***","toSealed":"","country":"',
  // Verifications
  '"reason":"attempts_exhausted","reason":"undeliverable","reason":"denied_by_user","status":"expired","canceled","failed"',
  '"purpose":"signup","purpose":"recovery","purpose":"transaction","channel":"sms","bind":{"amount":"","currency":"',
  '","payee":""},"method":"message","via":"twilio","codeCheckedBy":"caller","test":true,"identityChanged":true,',
  '"error":{"code":"131026","title":"Message undeliverable","action":"","details":""},"template":null,"language":null,',
  '"status":"queued","pricing":{"category":"authentication","billable":true},"revision":2,"id-ID","sendsRemaining":3,',
  '{"kind":"verification","id":"evt_","type":"verification.expired","type":"verification.started","at":17',
  '"verification.approved","verification.message","at":17,"verification":{"id":"vrf_","app":"default","via":"v1",',
  '"method":"code","numberLearned":false,"otherNumberEndsWith":null,"status":"approved","status":"pending",',
  '"reason":null,"purpose":"login","channel":"whatsapp","locale":"en-US","bind":null,"metadata":{},"test":false,',
  '"identityChanged":false,"attemptsRemaining":5,"sendsRemaining":4,"createdAt":17,"expiresAt":17,"resendAt":null,',
  '"closedAt":null,"messages":[{"channel":"whatsapp","template":"verification_code","language":"en_US",',
  '"timeToLiveSeconds":300,"status":"sent","delivered","status":"read","providerMessageId":null,"error":null,',
  '"pricing":{"category":"authentication","billable":true},"leasedAt":null,"createdAt":17,"updatedAt":17,"sentAt":17,',
  '"deliveredAt":null,"readAt":null,"sender":"1"}],"toMasked":"+********","toSealed":"","country":"","network":null,',
  '"codeCheckedBy":"sandi","revision":1}}',
].join("");

/** By version, from 1. */
export const DICTIONARIES: readonly string[] = [FIRST];
