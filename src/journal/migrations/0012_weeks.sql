-- The journal in tables of one week each, such as verifications_2026_w47, so that retention drops whole tables, which
-- costs no row, instead of deleting rows. A week is that of ISO 8601, in UTC: it begins on Monday. A row is in the week
-- of its created_at.
--
-- The Worker makes these tables as copies of verifications_week, notifications_week and guard_decisions_week, which
-- stay empty, and the views `verifications`, `notifications` and `guard_decisions` over all of them. Queries read the
-- views; a condition on hour (verifications) or created_at (the others) reaches the tables' keys:
--
--   since yesterday   FROM verifications WHERE hour >= unixepoch('now', '-1 day') / 3600
--   one number        FROM verifications WHERE hour IN (SELECT hour FROM verification_hours)
--                       AND minute IN (SELECT minute FROM verification_minutes) AND number_tag = '…'
--   one verification  the same with AND id = 'vrf_…'; its number_tag is substr('vrf_…', 5, 16)
--
-- Views join badly: SQLite reads all of a view that it joins.
--
-- The former tables keep the rows from before this migration, and those that are started in the hour of the newest of
-- them, or earlier. The Worker deletes their rows as they grow old, and then the tables. A Worker of the version before
-- cannot write to a view: its events are retried until the new one runs. The new one works before this migration, too.
DROP VIEW verification_hours;
ALTER TABLE verifications RENAME TO verifications_before_weeks;
ALTER TABLE notifications RENAME TO notifications_before_weeks;
ALTER TABLE guard_decisions RENAME TO guard_decisions_before_weeks;

-- The columns are described in 0001 and in the migrations that added them. The key begins with hour and minute, so that
-- a page of a list sorts one minute, and a number is looked up 1,440 times for a day.
CREATE TABLE verifications_week (
  hour INTEGER NOT NULL CHECK (hour = created_at / 3600000),
  number_tag TEXT NOT NULL,
  id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  number_masked TEXT NOT NULL,
  country TEXT,
  purpose TEXT NOT NULL,
  locale TEXT NOT NULL,
  status TEXT NOT NULL,
  reason TEXT,
  channel TEXT,
  template TEXT,
  language TEXT,
  error_code TEXT,
  error_channel TEXT,
  sends INTEGER NOT NULL,
  sends_remaining INTEGER NOT NULL,
  attempts_remaining INTEGER NOT NULL,
  price_category TEXT,
  billed_messages INTEGER NOT NULL,
  sent_at INTEGER,
  delivered_at INTEGER,
  read_at INTEGER,
  closed_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  metadata TEXT NOT NULL,
  bind TEXT,
  messages TEXT NOT NULL,
  revision INTEGER NOT NULL,
  test INTEGER NOT NULL DEFAULT 0,
  identity_changed INTEGER NOT NULL DEFAULT 0,
  app TEXT NOT NULL DEFAULT 'default',
  via TEXT NOT NULL DEFAULT 'v1',
  method TEXT NOT NULL DEFAULT 'code',
  number_learned INTEGER NOT NULL DEFAULT 0,
  other_number_ends_with TEXT,
  -- The team's number that the newest message came from, by WhatsApp's id of it; null for SMS, and until a status came.
  sender TEXT,
  -- The minute of created_at within its hour, 0 to 59.
  minute INTEGER NOT NULL CHECK (minute = created_at / 60000 % 60),
  PRIMARY KEY (hour, minute, number_tag, id)
) STRICT, WITHOUT ROWID;

-- The columns are described in 0003.
CREATE TABLE notifications_week (
  created_at INTEGER NOT NULL,
  id TEXT NOT NULL,
  batch_id TEXT,
  number_tag TEXT NOT NULL,
  number_masked TEXT NOT NULL,
  country TEXT,
  template TEXT,
  language TEXT,
  status TEXT NOT NULL,
  error_code TEXT,
  price_category TEXT,
  billed INTEGER NOT NULL,
  sent_at INTEGER,
  delivered_at INTEGER,
  read_at INTEGER,
  failed_at INTEGER,
  metadata TEXT NOT NULL,
  revision INTEGER NOT NULL,
  app TEXT NOT NULL DEFAULT 'default',
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;

-- The columns are described in 0004.
CREATE TABLE guard_decisions_week (
  created_at INTEGER NOT NULL,
  id TEXT NOT NULL,
  rule TEXT NOT NULL,
  code TEXT NOT NULL,
  refused INTEGER NOT NULL,
  number_masked TEXT NOT NULL,
  country TEXT,
  purpose TEXT NOT NULL,
  caller_id TEXT NOT NULL,
  figures TEXT NOT NULL,
  limits TEXT NOT NULL,
  app TEXT NOT NULL DEFAULT 'default',
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;

-- The Worker replaces these views as it makes and drops tables.
CREATE VIEW verifications AS
SELECT * FROM verifications_week
UNION ALL SELECT *, NULL AS sender, created_at / 60000 % 60 AS minute FROM verifications_before_weeks;

CREATE VIEW notifications AS
SELECT * FROM notifications_week UNION ALL SELECT * FROM notifications_before_weeks;

CREATE VIEW guard_decisions AS
SELECT * FROM guard_decisions_week UNION ALL SELECT * FROM guard_decisions_before_weeks;

-- The hours from the newest table to the oldest.
CREATE VIEW verification_hours (hour) AS
WITH RECURSIVE hours (hour) AS (
  SELECT max(hour) FROM verifications_before_weeks
  UNION ALL
  SELECT hour - 1 FROM hours WHERE hour > (SELECT min(hour) FROM verifications_before_weeks)
)
SELECT hour FROM hours;

CREATE VIEW verification_minutes (minute) AS
WITH RECURSIVE minutes (minute) AS (SELECT 0 UNION ALL SELECT minute + 1 FROM minutes WHERE minute < 59)
SELECT minute FROM minutes;
