-- What became of each notification: everything that is sent besides codes.
--
-- A row is written when a notification is sent or fails, and kept current while its story goes on. It never
-- holds what was said or a whole phone number. Times are milliseconds since the epoch. Without a rowid and in the
-- order of time: a notification costs one row written for each piece of news, and retention walks the table
-- itself.
CREATE TABLE notifications (
  -- When it was asked for.
  created_at INTEGER NOT NULL,
  -- As the API spells it: ntf_…
  id TEXT NOT NULL,
  -- The batch it came in, bat_…; null for a single one.
  batch_id TEXT,
  -- The keyed hash of the phone number, the same as in verifications: characters 5 to 20 of the id.
  number_tag TEXT NOT NULL,
  -- Calling code and last two digits: +62*********90.
  number_masked TEXT NOT NULL,
  -- ISO 3166-1 alpha-2; null where the number's plan belongs to no one country.
  country TEXT,
  -- Null for a free-form message, as is the language.
  template TEXT,
  language TEXT,
  -- sent, delivered, read or failed.
  status TEXT NOT NULL,
  -- WhatsApp's code, or ours: opted_out, window_closed, gave_up.
  error_code TEXT,
  -- What WhatsApp says it charges for: the category, and whether it is billed (1) or not (0).
  price_category TEXT,
  billed INTEGER NOT NULL,
  -- When it got that far; null when it did not, or when nobody said so.
  sent_at INTEGER,
  delivered_at INTEGER,
  read_at INTEGER,
  -- When it failed.
  failed_at INTEGER,
  -- The caller's own key-value pairs, JSON. Keep personal data out of them: this is where they stay.
  metadata TEXT NOT NULL,
  -- How many events the notification had when the row was last written: news that is older changes nothing.
  revision INTEGER NOT NULL,
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;
