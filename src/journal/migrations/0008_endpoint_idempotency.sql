-- The MACs of the idempotency key that the endpoint was created with, and of its request's body; NULL without a key.
ALTER TABLE webhook_endpoints ADD COLUMN idempotency_key TEXT;
ALTER TABLE webhook_endpoints ADD COLUMN idempotency_content TEXT;
