-- The journal: what became of each verification, for lists, statistics and whoever asks with
--
--   wrangler d1 execute sandi-journal --remote --command "SELECT … FROM verifications WHERE …"
--
-- A row is written when its verification closes, and kept current while its messages' story goes on. It never
-- holds a code or a whole phone number. Times are milliseconds since the epoch:
-- datetime(created_at / 1000, 'unixepoch') reads them.
--
-- Without a rowid and without an index, so that a verification costs one row written and not three. The key
-- serves time and numbers both: a range of time is a range of hours, and one number is looked up in each hour.
-- So name the hour in whatever you ask, or all of the table is read:
--
--   since yesterday   WHERE hour >= unixepoch('now', '-1 day') / 3600
--   one number        FROM verification_hours CROSS JOIN verifications USING (hour) WHERE number_tag = '…'
--   one verification  the same with AND id = 'vrf_…'; its number_tag is substr('vrf_…', 5, 16)
--
-- The price of no rowid, measured: 10 % more bytes for the usual row, and three times as many for the rare one
-- that outgrows 1,000.
CREATE TABLE verifications (
  -- Of created_at: hours since the epoch, in UTC. unixepoch('2026-11-23 10:00') / 3600 is one.
  hour INTEGER NOT NULL CHECK (hour = created_at / 3600000),
  -- The keyed hash of the phone number, the same for all verifications of one number: characters 5 to 20 of
  -- the id.
  number_tag TEXT NOT NULL,
  -- As the API spells it: vrf_…
  id TEXT NOT NULL,
  -- When it was asked for; with the id, what lists are ordered by.
  created_at INTEGER NOT NULL,
  -- Calling code and last two digits: +62*********90.
  number_masked TEXT NOT NULL,
  -- ISO 3166-1 alpha-2; null where the number's plan belongs to no one country.
  country TEXT,
  -- The policy it ran under: login, signup …
  purpose TEXT NOT NULL,
  -- The user's language, BCP 47.
  locale TEXT NOT NULL,
  -- approved, canceled, expired or failed.
  status TEXT NOT NULL,
  -- Why it failed or was canceled: attempts_exhausted, undeliverable, denied_by_user, superseded.
  reason TEXT,
  -- Of the newest message, as are template and language: whatsapp or sms.
  channel TEXT,
  template TEXT,
  language TEXT,
  -- The provider's code for the newest error on any message, and the channel that it came from.
  error_code TEXT,
  error_channel TEXT,
  -- Messages sent or tried.
  sends INTEGER NOT NULL,
  -- What was left of the policy's allowance when it closed.
  sends_remaining INTEGER NOT NULL,
  attempts_remaining INTEGER NOT NULL,
  -- What WhatsApp says it charges for: the category, and how many of the messages are billed.
  price_category TEXT,
  billed_messages INTEGER NOT NULL,
  -- When the first message got that far; null when none did, or when nobody said so.
  sent_at INTEGER,
  delivered_at INTEGER,
  read_at INTEGER,
  -- The end: approved minus created is the time to verify.
  closed_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- The caller's own key-value pairs, JSON. Keep personal data out of them: this is where they stay.
  metadata TEXT NOT NULL,
  -- The amount and payee that the code was bound to, JSON; null where it was bound to nothing.
  bind TEXT,
  -- Each message as the API shows it, JSON, oldest first. The provider's ids are left out: WhatsApp's contain
  -- the phone number in base64.
  messages TEXT NOT NULL,
  -- How many events the verification had when the row was last written: news that is older changes nothing.
  revision INTEGER NOT NULL,
  PRIMARY KEY (hour, number_tag, id)
) STRICT, WITHOUT ROWID;

-- The hours that the table spans, the newest first: as many as retention leaves, 2,160 in 90 days.
CREATE VIEW verification_hours (hour) AS
WITH RECURSIVE hours (hour) AS (
  SELECT max(hour) FROM verifications
  UNION ALL
  SELECT hour - 1 FROM hours WHERE hour > (SELECT min(hour) FROM verifications)
)
SELECT hour FROM hours;
