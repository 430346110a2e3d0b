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

-- name: between
-- In which node each asset lies, from the top down; then what is between nodes, and the findings in each.
WITH RECURSIVE shown AS MATERIALIZED (
    SELECT * FROM unnest(%(assets)s::integer[], %(asset_nodes)s::integer[]) s (id, node)
), bundle AS MATERIALIZED (
    SELECT * FROM unnest(%(places)s::integer[], %(kinds)s::text[], %(bundle_nodes)s::integer[]) b (place, kind, node)
), seen AS MATERIALIZED (
    SELECT a.id, a.parent_id, a.kind, a.gone IS NULL AS there, %(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = a.id AND t.team_id = ANY(%(teams)s)
        ) AS seen
    FROM asset a
), down AS (
    SELECT a.id, a.seen AND a.there AS open, coalesce(s.node, b.node) AS node, 0 AS depth
    FROM seen a
    LEFT JOIN seen p ON p.id = a.parent_id AND p.seen AND p.there
    LEFT JOIN shown s ON s.id = a.id
    LEFT JOIN bundle b ON b.place = 0 AND b.kind = a.kind
    WHERE p.id IS NULL
    UNION ALL
    SELECT a.id, a.seen AND a.there, coalesce(s.node, b.node, d.node), d.depth + 1
    FROM down d
    JOIN seen a ON a.parent_id = d.id
    LEFT JOIN shown s ON s.id = a.id
    LEFT JOIN bundle b ON b.place = a.parent_id AND b.kind = a.kind
    WHERE d.open AND d.depth < 16
), lies AS MATERIALIZED (
    SELECT d.id, d.node, a.kind, a.seen OR a.kind IN ('internet', 'endpoint') AS seen
    FROM down d
    JOIN seen a ON a.id = d.id
    WHERE d.node IS NOT NULL
)
SELECT source, target, kind, sum(count)::bigint, sum(relations)::bigint, max(last_seen),
    (array_agg(port ORDER BY port) FILTER (WHERE port > 0))[1:20], NULL::bigint[]
FROM (
    SELECT f.node AS source, o.node AS target, r.kind, r.port, sum(r.count) AS count, count(*) AS relations,
        max(r.last_seen) AS last_seen
    FROM relation r
    JOIN lies f ON f.id = r.from_id
    JOIN lies o ON o.id = r.to_id
    WHERE r.ended IS NULL AND r.kind = ANY(%(relations)s::text[]) AND f.node <> o.node
        AND (%(teams)s::uuid[] IS NULL OR (f.seen AND o.seen))
    GROUP BY 1, 2, 3, 4
) each
GROUP BY 1, 2, 3
UNION ALL
SELECT l.node, NULL, NULL, NULL, NULL, NULL, NULL,
    ARRAY[sum(h.bands[1]), sum(h.bands[2]), sum(h.bands[3]), sum(h.bands[4])]::bigint[]
FROM holder h
JOIN lies l ON l.id = h.unit_id
WHERE %(teams)s::uuid[] IS NULL OR l.seen
GROUP BY 1
