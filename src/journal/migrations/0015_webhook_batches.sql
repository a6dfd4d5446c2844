-- How the endpoint takes batches, as JSON; NULL: a request for each event.
ALTER TABLE webhook_endpoints ADD COLUMN batch TEXT;
-- Whether it takes batches, or did: then deliveries are in its object as well.
ALTER TABLE webhook_endpoints ADD COLUMN has_lane INTEGER NOT NULL DEFAULT 0;
