-- Webhook endpoints and the deliveries to them. Times are milliseconds since the epoch.

CREATE TABLE webhook_endpoints (
  id TEXT PRIMARY KEY,                 -- whe_…
  url TEXT NOT NULL,
  description TEXT NOT NULL,
  event_types TEXT,                    -- a JSON array; NULL: every type
  secret TEXT NOT NULL,                -- encrypted with a key derived from SECRET_KEY, as is previous_secret
  previous_secret TEXT,
  previous_secret_expires_at INTEGER,
  status TEXT NOT NULL CHECK (status IN ('enabled', 'disabled')),
  disabled_reason TEXT CHECK (disabled_reason IN ('by_request', 'gone', 'failing')),
  failing_since INTEGER,               -- the first failure since the last success
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

-- One row per event and subscribed endpoint. The queue's messages only contain its id.
CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,                 -- whd_…, a digest of event and endpoint: a repeated event makes no second row
  endpoint_id TEXT NOT NULL,
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  payload TEXT NOT NULL,               -- the event, encrypted as a whole: even a provider's message id contains the phone number
  status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
  attempts INTEGER NOT NULL,
  next_attempt_at INTEGER,             -- during an attempt, when its lease ends; NULL when no attempt is due
  last_status INTEGER,
  last_error TEXT,
  duration_ms INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

-- The list of an endpoint's deliveries, newest first; the second for failed ones only.
CREATE INDEX webhook_deliveries_listed ON webhook_deliveries (endpoint_id, created_at, id);
CREATE INDEX webhook_deliveries_failed ON webhook_deliveries (endpoint_id, created_at, id) WHERE status = 'failed';
-- Overdue deliveries. Only pending ones have an entry.
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE status = 'pending';
