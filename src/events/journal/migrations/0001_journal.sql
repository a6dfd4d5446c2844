-- The journal: what became of each verification, for lists, statistics and whoever asks with
--
--   wrangler d1 execute sandi-journal --remote --command "SELECT … FROM verifications WHERE …"
--
-- A row is written when its verification closes, and kept current while its messages' story goes on. It never
-- holds a code or a whole phone number. Times are milliseconds since the epoch:
-- datetime(created_at / 1000, 'unixepoch') reads them.
--
-- Without a rowid, and in the order of time: a verification costs two rows written (this one and the index's)
-- instead of three, and lists, statistics and retention walk the table itself. The price, measured: 10 % more
-- bytes for the usual row, and three times as many for the rare one that outgrows 1,000.
CREATE TABLE verifications (
  -- When it was asked for; with the id, what lists are ordered by.
  created_at INTEGER NOT NULL,
  -- As the API spells it: vrf_…
  id TEXT NOT NULL,
  -- The keyed hash of the phone number, the same for all verifications of one number: characters 5 to 20 of
  -- the id. To find one verification: number_tag = substr('vrf_…', 5, 16) AND id = 'vrf_…'.
  number_tag TEXT NOT NULL,
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
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;

-- All verifications of one number, in the order of time.
CREATE INDEX verifications_by_number ON verifications (number_tag, created_at);
