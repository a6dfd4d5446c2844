-- 1 where the verification was of a test number, to which nothing is sent: statistics leave it out.
ALTER TABLE verifications ADD COLUMN test INTEGER NOT NULL DEFAULT 0;
