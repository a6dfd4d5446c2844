-- 1 when the phone behind the number had changed since the last approved verification.
ALTER TABLE verifications ADD COLUMN identity_changed INTEGER NOT NULL DEFAULT 0;
