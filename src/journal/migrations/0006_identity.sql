-- 1 where the phone was not the one that the last approved code had gone to.
ALTER TABLE verifications ADD COLUMN identity_changed INTEGER NOT NULL DEFAULT 0;
