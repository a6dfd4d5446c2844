-- What the guard refused, or would have. Times are milliseconds since the epoch.
CREATE TABLE guard_decisions (
  created_at INTEGER NOT NULL,
  id TEXT NOT NULL,              -- evt_…, the event's
  rule TEXT NOT NULL,
  code TEXT NOT NULL,            -- the problem's code
  refused INTEGER NOT NULL,      -- 0 where it was only recorded
  number_masked TEXT NOT NULL,   -- by range where the rule is about one
  country TEXT,
  purpose TEXT NOT NULL,
  caller_id TEXT NOT NULL,       -- the API key's id
  figures TEXT NOT NULL,         -- JSON: what the rule counted
  limits TEXT NOT NULL,          -- JSON: what it allows
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;

-- What operators did about it: who, when, why.
CREATE TABLE guard_audit (
  created_at INTEGER NOT NULL,
  id TEXT NOT NULL,              -- aud_…
  action TEXT NOT NULL CHECK (action IN ('unblock', 'unlock', 'list_add', 'list_remove')),
  target TEXT NOT NULL,          -- a range or prefix, or a masked number
  actor TEXT NOT NULL,           -- the API key's id
  reason TEXT NOT NULL,
  changed INTEGER NOT NULL,      -- 0 where there was nothing to undo
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;
