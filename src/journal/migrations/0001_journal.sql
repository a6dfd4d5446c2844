-- The journal: one row per verification, for lists, statistics and queries by hand:
--
--   wrangler d1 execute sandi-journal --remote --command "SELECT … FROM verifications WHERE …"
--
-- A row is inserted when its verification closes, and updated by later reports about its messages. It never
-- contains a code or a full phone number. Times are milliseconds since the epoch:
-- datetime(created_at / 1000, 'unixepoch') formats them.
--
-- The table has no rowid and no index, so that a verification costs one row written instead of three. The key
-- serves queries by time and by number: a range of time is a range of hours, and one number is looked up in each
-- hour. A query that does not name the hour reads the whole table:
--
--   since yesterday   WHERE hour >= unixepoch('now', '-1 day') / 3600
--   one number        FROM verification_hours CROSS JOIN verifications USING (hour) WHERE number_tag = '…'
--   one verification  the same with AND id = 'vrf_…'; its number_tag is substr('vrf_…', 5, 16)
--
-- The cost of no rowid, measured: 10 % more bytes for a usual row, and three times as many for the rare row above
-- 1,000 bytes.
CREATE TABLE verifications (
  -- The hour of created_at, counted from the epoch in UTC, such as unixepoch('2026-11-23 10:00') / 3600.
  hour INTEGER NOT NULL CHECK (hour = created_at / 3600000),
  -- The keyed hash of the phone number, the same for all verifications of a number: characters 5 to 20 of the id.
  number_tag TEXT NOT NULL,
  -- As in the API: vrf_…
  id TEXT NOT NULL,
  -- When it was started. Lists are ordered by it and the id.
  created_at INTEGER NOT NULL,
  -- The calling code and the last two digits: +62*********90.
  number_masked TEXT NOT NULL,
  -- ISO 3166-1 alpha-2; null where the calling code belongs to no single country.
  country TEXT,
  -- The purpose, which names the policy: login, signup …
  purpose TEXT NOT NULL,
  -- The user's language, BCP 47.
  locale TEXT NOT NULL,
  -- approved, canceled, expired or failed.
  status TEXT NOT NULL,
  -- Why it failed or was canceled: attempts_exhausted, undeliverable, denied_by_user, superseded.
  reason TEXT,
  -- Channel (whatsapp or sms), template and language of the newest message.
  channel TEXT,
  template TEXT,
  language TEXT,
  -- The provider's code of the newest error of any message, and the channel of that message.
  error_code TEXT,
  error_channel TEXT,
  -- Messages sent or attempted.
  sends INTEGER NOT NULL,
  -- What remained of the policy's limits when it closed.
  sends_remaining INTEGER NOT NULL,
  attempts_remaining INTEGER NOT NULL,
  -- What WhatsApp reports about its price: the category, and how many of the messages are billed.
  price_category TEXT,
  billed_messages INTEGER NOT NULL,
  -- When the first message reached that status; null when none did, or when the provider did not report it.
  sent_at INTEGER,
  delivered_at INTEGER,
  read_at INTEGER,
  -- When it closed. For an approved one, closed_at - created_at is the time to verify.
  closed_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- The caller's key-value pairs, JSON. Callers should not put personal data there: it is stored for the retention.
  metadata TEXT NOT NULL,
  -- The amount and payee that the code was bound to, JSON; null without a binding.
  bind TEXT,
  -- The messages, JSON, oldest first. The provider's ids are left out, because WhatsApp's contain the phone number
  -- in base64.
  messages TEXT NOT NULL,
  -- How many events the verification had when the row was last written. An older event does not update the row.
  revision INTEGER NOT NULL,
  PRIMARY KEY (hour, number_tag, id)
) STRICT, WITHOUT ROWID;

-- The hours from the newest row to the oldest: 2,160 for a retention of 90 days.
CREATE VIEW verification_hours (hour) AS
WITH RECURSIVE hours (hour) AS (
  SELECT max(hour) FROM verifications
  UNION ALL
  SELECT hour - 1 FROM hours WHERE hour > (SELECT min(hour) FROM verifications)
)
SELECT hour FROM hours;
