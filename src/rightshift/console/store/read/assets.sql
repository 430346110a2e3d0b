-- name: page
-- Findings are added up for the rows that are shown, not for all that were looked at.
WITH page AS MATERIALIZED (
    SELECT a.*
    FROM asset a
    WHERE (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = a.id AND t.team_id = ANY(%(teams)s)
        ))
        AND (%(id)s::uuid IS NULL OR a.uid = %(id)s)
        AND (%(kinds)s::text[] IS NULL OR a.kind = ANY(%(kinds)s))
        AND (%(clusters)s::text[] IS NULL OR a.cluster = ANY(%(clusters)s))
        AND (%(namespaces)s::text[] IS NULL OR a.namespace = ANY(%(namespaces)s))
        AND (%(workloads)s::text[] IS NULL OR a.workload = ANY(%(workloads)s))
        AND (%(hosts)s::text[] IS NULL OR a.host = ANY(%(hosts)s))
        AND (%(images)s::text[] IS NULL OR a.image = ANY(%(images)s))
        AND (%(clouds)s::text[] IS NULL OR a.cloud = ANY(%(clouds)s))
        AND (%(regions)s::text[] IS NULL OR a.region = ANY(%(regions)s))
        AND (%(parent)s::uuid IS NULL OR a.parent_id = (SELECT p.id FROM asset p WHERE p.uid = %(parent)s))
        AND (%(key)s::text IS NULL OR a.key = %(key)s OR a.id IN (SELECT x.asset_id FROM asset_alias x WHERE x.key = %(key)s))
        AND (%(label)s::jsonb IS NULL OR a.labels @> %(label)s::jsonb)
        AND (%(attributes)s::jsonb IS NULL OR a.attributes @> %(attributes)s::jsonb)
        AND (%(port)s::integer IS NULL
            OR EXISTS (
                SELECT FROM listener_fact l
                WHERE l.kind = a.kind AND l.key = a.key AND l.port = %(port)s AND l.ended IS NULL
            )
            OR EXISTS (
                SELECT FROM asset_fact f
                JOIN listener_fact l ON l.kind = f.kind AND l.key = f.key AND l.port = %(port)s AND l.ended IS NULL
                WHERE f.parent_kind = a.kind AND f.parent_key = a.key AND f.kind = 'process' AND f.ended IS NULL
            )
        )
        AND (%(running)s::text[] IS NULL OR coalesce(a.running::text, 'unknown') = ANY(%(running)s))
        AND (%(text)s::text IS NULL OR strpos(lower(a.name || ' ' || a.key), lower(%(text)s)) > 0)
        AND (%(gone)s OR a.gone IS NULL)
        AND (%(after_name)s::text IS NULL OR (a.name, a.uid) > (%(after_name)s, %(after_id)s::uuid))
    ORDER BY a.name, a.uid
    LIMIT %(limit)s
)
SELECT a.uid AS id, a.kind, a.key, a.name, p.uid AS parent, a.cloud, a.region, a.cluster, a.namespace, a.workload,
    a.host, a.image, a.labels, a.running, u.uid AS unit, a.first_seen, a.last_seen, a.gone,
    coalesce(b.bands, '{0,0,0,0}') AS bands
FROM page a
LEFT JOIN asset p ON p.id = a.parent_id
LEFT JOIN asset u ON u.id = a.unit_id
LEFT JOIN LATERAL (
    SELECT ARRAY[sum(h.bands[1]), sum(h.bands[2]), sum(h.bands[3]), sum(h.bands[4])]::integer[] AS bands
    FROM holder h
    WHERE h.unit_id = coalesce(a.unit_id, a.id)
        AND (h.unit_id = a.id OR h.inventory_id = a.inventory_id)
    HAVING count(*) > 0
) b ON true
ORDER BY a.name, a.uid

-- name: one
SELECT a.attributes, encode(i.digest, 'hex') AS inventory, i.packages,
    coalesce((
        SELECT jsonb_agg(DISTINCT x.kind || ':' || x.key) FROM asset_alias x WHERE x.asset_id = a.id
    ), '[]') AS aliases,
    (SELECT count(*) FROM asset c WHERE c.parent_id = a.id AND c.gone IS NULL AND (%(teams)s::uuid[] IS NULL OR EXISTS (
        SELECT FROM asset_team t WHERE t.asset_id = c.id AND t.team_id = ANY(%(teams)s)
    ))) AS children
FROM asset a
LEFT JOIN inventory i ON i.id = a.inventory_id
WHERE a.uid = %(id)s

-- name: held
SELECT encode(i.digest, 'hex') AS digest, h.since, h.until, i.packages
FROM asset_inventory h
JOIN asset a ON a.id = h.asset_id
JOIN inventory i ON i.id = h.inventory_id
WHERE a.uid = %(id)s
ORDER BY h.since DESC
LIMIT 100

-- name: above
WITH RECURSIVE above AS (
    SELECT a.parent_id, 0 AS depth FROM asset a WHERE a.uid = %(id)s
    UNION ALL
    SELECT p.parent_id, above.depth + 1 FROM asset p JOIN above ON p.id = above.parent_id WHERE above.depth < 16
)
SELECT p.uid AS id, p.kind, p.name
FROM above
JOIN asset p ON p.id = above.parent_id
WHERE %(teams)s::uuid[] IS NULL OR EXISTS (
    SELECT FROM asset_team t WHERE t.asset_id = p.id AND t.team_id = ANY(%(teams)s)
)
ORDER BY above.depth

-- name: relations
-- Both ends must be seen; the internet and what lies outside belong to nobody and are seen by whoever reaches them.
SELECT r.id, r.kind, f.uid AS from_id, f.kind AS from_kind, f.name AS from_name, o.uid AS to_id, o.kind AS to_kind,
    o.name AS to_name, r.protocol, r.port, r.how, r.count, r.first_seen, r.last_seen, r.ended
FROM relation r
JOIN asset f ON f.id = r.from_id
JOIN asset o ON o.id = r.to_id
WHERE (%(teams)s::uuid[] IS NULL
        OR (f.kind IN ('internet', 'endpoint') OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = f.id AND t.team_id = ANY(%(teams)s)
        ))
        AND (o.kind IN ('internet', 'endpoint') OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = o.id AND t.team_id = ANY(%(teams)s)
        ))
        AND NOT (f.kind IN ('internet', 'endpoint') AND o.kind IN ('internet', 'endpoint'))
    )
    AND (%(kinds)s::text[] IS NULL OR r.kind = ANY(%(kinds)s))
    AND (%(asset)s::uuid IS NULL OR f.uid = %(asset)s OR o.uid = %(asset)s)
    AND (%(from_id)s::uuid IS NULL OR f.uid = %(from_id)s)
    AND (%(to_id)s::uuid IS NULL OR o.uid = %(to_id)s)
    AND (%(port)s::integer IS NULL OR r.port = %(port)s)
    AND (%(ended)s OR r.ended IS NULL)
    AND (%(after)s::bigint IS NULL OR r.id > %(after)s)
ORDER BY r.id
LIMIT %(limit)s
