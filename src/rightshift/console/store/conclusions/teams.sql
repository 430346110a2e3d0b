-- name: teams
SELECT id, selector FROM team ORDER BY id

-- name: placed
SELECT id, kind, name, cluster, namespace, host, image, labels FROM asset WHERE id = ANY(%(ids)s)

-- name: page
SELECT id FROM asset WHERE id > %(last)s ORDER BY id LIMIT %(page)s

-- name: leave
DELETE FROM asset_team t
WHERE t.asset_id = ANY(%(ids)s) AND NOT EXISTS (
    SELECT FROM unnest(%(assets)s::integer[], %(teams)s::uuid[]) AS given(asset_id, team_id)
    WHERE given.asset_id = t.asset_id AND given.team_id = t.team_id
)

-- name: join
INSERT INTO asset_team (asset_id, team_id)
SELECT * FROM unnest(%(assets)s::integer[], %(teams)s::uuid[])
ON CONFLICT DO NOTHING
