-- name: one
SELECT value::text, version FROM setting WHERE name = %(name)s

-- name: add
INSERT INTO setting (name, value) VALUES (%(name)s, %(value)s::jsonb) ON CONFLICT DO NOTHING RETURNING version

-- name: change
UPDATE setting SET value = %(value)s::jsonb, version = version + 1
WHERE name = %(name)s AND version = %(version)s RETURNING version
