-- name: groups
-- What lies right in each of these assets, by kind; without an asset what lies in nothing that the caller sees.
SELECT p.id AS parent, a.kind, count(*) AS number
FROM asset a
LEFT JOIN asset p ON p.id = a.parent_id AND p.gone IS NULL AND (%(teams)s::uuid[] IS NULL OR EXISTS (
    SELECT FROM asset_team t WHERE t.asset_id = p.id AND t.team_id = ANY(%(teams)s)
))
WHERE a.gone IS NULL
    AND (%(teams)s::uuid[] IS NULL OR EXISTS (
        SELECT FROM asset_team t WHERE t.asset_id = a.id AND t.team_id = ANY(%(teams)s)
    ) OR (a.kind IN ('internet', 'endpoint') AND EXISTS (
        SELECT FROM relation r
        JOIN asset_team t ON t.asset_id IN (r.from_id, r.to_id) AND t.team_id = ANY(%(teams)s)
        WHERE r.ended IS NULL AND a.id IN (r.from_id, r.to_id)
    )))
    AND CASE WHEN %(parents)s::integer[] IS NULL THEN p.id IS NULL ELSE a.parent_id = ANY(%(parents)s) END
GROUP BY 1, 2

-- name: members
-- Those of some groups, by name; `most` of each.
SELECT * FROM (
    SELECT a.id, a.uid, a.kind, a.name, p.id AS parent, a.running,
        row_number() OVER (PARTITION BY p.id, a.kind ORDER BY a.name, a.uid) AS place
    FROM asset a
    LEFT JOIN asset p ON p.id = a.parent_id AND p.gone IS NULL AND (%(teams)s::uuid[] IS NULL OR EXISTS (
        SELECT FROM asset_team t WHERE t.asset_id = p.id AND t.team_id = ANY(%(teams)s)
    ))
    JOIN unnest(%(of)s::integer[], %(kinds)s::text[]) g (parent, kind)
        ON a.kind = g.kind AND coalesce(p.id, 0) = g.parent
    WHERE a.gone IS NULL
        AND (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = a.id AND t.team_id = ANY(%(teams)s)
        ) OR (a.kind IN ('internet', 'endpoint') AND EXISTS (
            SELECT FROM relation r
            JOIN asset_team t ON t.asset_id IN (r.from_id, r.to_id) AND t.team_id = ANY(%(teams)s)
            WHERE r.ended IS NULL AND a.id IN (r.from_id, r.to_id)
        )))
) m
WHERE place <= %(most)s
ORDER BY parent NULLS FIRST, kind, place

-- name: holders
SELECT h.unit_id, sum(h.bands[1])::integer, sum(h.bands[2])::integer, sum(h.bands[3])::integer, sum(h.bands[4])::integer
FROM holder h
WHERE %(teams)s::uuid[] IS NULL OR EXISTS (
    SELECT FROM asset_team t WHERE t.asset_id = h.unit_id AND t.team_id = ANY(%(teams)s)
)
GROUP BY 1

-- name: relations
SELECT r.from_id, r.to_id, r.kind, sum(r.count)::bigint, count(*), max(r.last_seen),
    (array_agg(DISTINCT r.port) FILTER (WHERE r.port > 0))[1:20]
FROM relation r
JOIN asset f ON f.id = r.from_id
JOIN asset o ON o.id = r.to_id
WHERE r.ended IS NULL AND r.kind = ANY(%(kinds)s::text[])
    AND (%(teams)s::uuid[] IS NULL
        OR ((f.kind IN ('internet', 'endpoint') OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = f.id AND t.team_id = ANY(%(teams)s)
        ))
        AND (o.kind IN ('internet', 'endpoint') OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = o.id AND t.team_id = ANY(%(teams)s)
        ))))
GROUP BY 1, 2, 3

-- name: above
-- The way up from each of these assets: whose parent is whose, as far as the caller sees it.
WITH RECURSIVE up AS (
    SELECT a.id, a.parent_id, a.kind, 0 AS depth FROM asset a WHERE a.id = ANY(%(ids)s::integer[])
    UNION
    SELECT a.id, a.parent_id, a.kind, up.depth + 1
    FROM up
    JOIN asset a ON a.id = up.parent_id AND a.gone IS NULL
    WHERE up.depth < 16
        AND (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = a.id AND t.team_id = ANY(%(teams)s)
        ))
)
SELECT DISTINCT u.id, p.id, u.kind
FROM up u
LEFT JOIN up p ON p.id = u.parent_id
