-- The API that started the verification: v1, or the name of a compatible one such as twilio, vonage or supabase.
ALTER TABLE verifications ADD COLUMN via TEXT NOT NULL DEFAULT 'v1';
