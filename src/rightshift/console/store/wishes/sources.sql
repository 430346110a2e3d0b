-- name: add
INSERT INTO source (name, reference, ecosystems, trusted, teams, created, created_by)
VALUES (%(name)s, %(reference)s, %(ecosystems)s::text[], %(trusted)s, %(teams)s::uuid[], %(now)s, %(by)s)
ON CONFLICT DO NOTHING
RETURNING id

-- name: held
SELECT version, name, reference, ecosystems, trusted, teams FROM source
WHERE id = %(id)s AND (%(teams)s::uuid[] IS NULL OR teams && %(teams)s::uuid[])
FOR UPDATE

-- name: change
UPDATE source
SET name = %(name)s, reference = %(reference)s, ecosystems = %(ecosystems)s::text[], trusted = %(trusted)s,
    version = version + 1
WHERE id = %(id)s
    AND NOT EXISTS (
        SELECT FROM source o WHERE o.id <> %(id)s AND o.name = %(name)s
            AND o.teams IS NOT DISTINCT FROM source.teams
    )
RETURNING version

-- name: remove
DELETE FROM source WHERE id = %(id)s
