-- The team's own systems and what they were told. Times are milliseconds since the epoch.

CREATE TABLE webhook_endpoints (
  id TEXT PRIMARY KEY,                 -- whe_…
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  event_types TEXT,                    -- a JSON array; NULL: every type
  secret TEXT NOT NULL,                -- sealed under SECRET_KEY, like the one before it
  previous_secret TEXT,
  previous_secret_expires_at INTEGER,
  status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled')),
  disabled_reason TEXT CHECK (disabled_reason IN ('by_request', 'gone', 'failing')),
  failing_since INTEGER,               -- NULL once an attempt succeeds
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- One row for each event and endpoint that wants it: the truth that the queue's messages only point to.
CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,                 -- whd_…, a digest of event and endpoint: a repeated event makes no second row
  endpoint_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  payload TEXT NOT NULL,               -- the event, sealed as a whole: even a provider's message id holds the number
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
  attempts INTEGER NOT NULL,
  next_attempt_at INTEGER,             -- while an attempt runs, when it counts as lost; NULL once nothing is due
  last_status INTEGER,
  last_error TEXT,
  duration_ms INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The list of one endpoint, newest first; the second is for its dead letters only.
CREATE INDEX webhook_deliveries_listed ON webhook_deliveries (endpoint_id, created_at, id);
CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (endpoint_id, created_at, id) WHERE status = 'failed';
-- What is overdue. Only what is pending costs a row here.
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE status = 'pending';
