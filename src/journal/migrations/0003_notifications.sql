-- One row per notification: every message that is sent, except codes.
--
-- A row is inserted when a notification is sent or fails, and updated by later reports. It never contains the text of
-- the message or a full phone number. Times are milliseconds since the epoch. The table has no rowid and is ordered by
-- time: an insert or update costs one row written, and retention reads from the oldest row.
CREATE TABLE notifications (
  -- When it was requested.
  created_at INTEGER NOT NULL,
  -- As in the API: ntf_…
  id TEXT NOT NULL,
  -- The batch it belongs to, bat_…; null for a single one.
  batch_id TEXT,
  -- The keyed hash of the phone number, the same as in verifications: characters 5 to 20 of the id.
  number_tag TEXT NOT NULL,
  -- The calling code and the last two digits: +62*********90.
  number_masked TEXT NOT NULL,
  -- ISO 3166-1 alpha-2; null where the calling code belongs to no single country.
  country TEXT,
  -- Null for a free-form message, as is language.
  template TEXT,
  language TEXT,
  -- sent, delivered, read or failed.
  status TEXT NOT NULL,
  -- The code of WhatsApp, or one of this service: opted_out, window_closed, gave_up.
  error_code TEXT,
  -- What WhatsApp reports about its price: the category, and whether it is billed (1) or not (0).
  price_category TEXT,
  billed INTEGER NOT NULL,
  -- When it reached that status; null when it did not, or when WhatsApp did not report it.
  sent_at INTEGER,
  delivered_at INTEGER,
  read_at INTEGER,
  -- When it failed.
  failed_at INTEGER,
  -- The caller's key-value pairs, JSON. Callers should not put personal data there: it is stored for the retention.
  metadata TEXT NOT NULL,
  -- How many events the notification had when the row was last written. An older event does not update the row.
  revision INTEGER NOT NULL,
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;
