-- How slowly the endpoint has answered lately; 0: quickly. src/webhook-endpoints/health.ts counts.
ALTER TABLE webhook_endpoints ADD COLUMN slowness INTEGER NOT NULL DEFAULT 0;
