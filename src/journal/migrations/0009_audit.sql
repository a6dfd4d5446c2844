-- Every administrative write: who, what, why, when. Times are milliseconds since the epoch.
CREATE TABLE audit (
  created_at INTEGER NOT NULL,
  id TEXT NOT NULL,              -- aud_…
  actor TEXT NOT NULL,           -- the API key's id, or operator for ADMIN_KEY
  actor_name TEXT NOT NULL,
  app TEXT NOT NULL,             -- the app that the actor acted for
  action TEXT NOT NULL,          -- the operation's id in the API's description
  target TEXT,                   -- ids, a prefix or a masked number
  reason TEXT,
  outcome TEXT,                  -- NULL: begun, and the end was not recorded
  PRIMARY KEY (created_at, id)
) STRICT, WITHOUT ROWID;

INSERT INTO audit (created_at, id, actor, actor_name, app, action, target, reason, outcome)
SELECT created_at, id,
  CASE actor WHEN 'admin' THEN 'operator' ELSE actor END,
  CASE actor WHEN 'admin' THEN 'operator' ELSE actor END,
  'default',
  CASE action WHEN 'unblock' THEN 'unblockRange' WHEN 'unlock' THEN 'unlockNumber'
    WHEN 'list_add' THEN 'addGuardListEntry' ELSE 'removeGuardListEntry' END,
  target, reason,
  CASE WHEN changed = 0 THEN 'was_open' WHEN action = 'unlock' THEN 'unlocked' ELSE 'unblocked' END
FROM guard_audit;

DROP TABLE guard_audit;
