-- The app that a row belongs to. What is older than apps belongs to the app `default`.
ALTER TABLE verifications ADD COLUMN app TEXT NOT NULL DEFAULT 'default';
ALTER TABLE notifications ADD COLUMN app TEXT NOT NULL DEFAULT 'default';
ALTER TABLE guard_decisions ADD COLUMN app TEXT NOT NULL DEFAULT 'default';
-- The app whose events the endpoint receives.
ALTER TABLE webhook_endpoints ADD COLUMN app TEXT NOT NULL DEFAULT 'default';
