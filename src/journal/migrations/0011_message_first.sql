-- How the user proved the number: code, or message for a message that they sent.
ALTER TABLE verifications ADD COLUMN method TEXT NOT NULL DEFAULT 'code';
-- 1 where the number is the one that the message came from; number_masked is empty where none ever came.
ALTER TABLE verifications ADD COLUMN number_learned INTEGER NOT NULL DEFAULT 0;
-- The last two digits of the number that the message came from, where that was not the claimed one.
ALTER TABLE verifications ADD COLUMN other_number_ends_with TEXT;
