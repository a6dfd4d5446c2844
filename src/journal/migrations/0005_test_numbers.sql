-- 1 for a verification of a test number, to which nothing is sent. Statistics leave it out.
ALTER TABLE verifications ADD COLUMN test INTEGER NOT NULL DEFAULT 0;
