-- Sends that the guard refused, or would have refused. Times are milliseconds since the epoch.
CREATE TABLE guard_decisions (
  created_at INTEGER NOT NULL,
  id TEXT NOT NULL,              -- evt_…, the id of the event
  rule TEXT NOT NULL,
  code TEXT NOT NULL,            -- the code of the problem
  refused INTEGER NOT NULL,      -- 0 where it was only recorded
  number_masked TEXT NOT NULL,   -- masked to the range where the rule is about ranges
  country TEXT,
  purpose TEXT NOT NULL,
  caller_id TEXT NOT NULL,       -- the API key's id
  figures TEXT NOT NULL,         -- JSON: the values that the rule counted
  limits TEXT NOT NULL,          -- JSON: the values that it allows
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;

-- The audit log of operators: who, when, why.
CREATE TABLE guard_audit (
  created_at INTEGER NOT NULL,
  id TEXT NOT NULL,              -- aud_…
  action TEXT NOT NULL CHECK (action IN ('unblock', 'unlock', 'list_add', 'list_remove')),
  target TEXT NOT NULL,          -- a range, a prefix or a masked number
  actor TEXT NOT NULL,           -- the API key's id
  reason TEXT NOT NULL,
  changed INTEGER NOT NULL,      -- 0 where there was nothing to undo
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;
