-- name: add
INSERT INTO event (kind, asset_id, detail)
SELECT * FROM unnest(%(kinds)s::text[], %(assets)s::integer[], %(details)s::jsonb[])

-- name: tell
SELECT pg_notify('events', '')
