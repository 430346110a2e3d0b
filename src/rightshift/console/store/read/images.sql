-- name: more
SELECT a.uid AS id,
    array(
        SELECT DISTINCT x.name FROM (
            SELECT jsonb_array_elements_text(coalesce(a.attributes -> 'names', '[]')) AS name UNION SELECT a.name
        ) x
        WHERE x.name <> a.key ORDER BY 1 LIMIT 100
    ) AS names,
    array(SELECT DISTINCT x.key FROM asset_alias x WHERE x.asset_id = a.id ORDER BY 1 LIMIT 100) AS digests,
    coalesce(a.attributes ->> 'os', '') AS os, coalesce(a.attributes ->> 'architecture', '') AS architecture,
    (a.attributes ->> 'size_bytes')::bigint AS size_bytes,
    s.layers, s.made AS scanned,
    (SELECT count(DISTINCT h.inventory_id) FROM asset_inventory h WHERE h.asset_id = a.id)::integer AS inventories,
    encode(n.digest, 'hex') AS inventory, n.packages,
    coalesce(c.number, 0)::integer AS containers, coalesce(c.running, 0)::integer AS containers_running,
    coalesce(c.places[1:20], '{}') AS where,
    coalesce(b.bands, '{0,0,0,0}') AS bands
FROM asset a
LEFT JOIN inventory n ON n.id = a.inventory_id
LEFT JOIN LATERAL (
    SELECT s.made, nullif(jsonb_array_length(s.layers), 0) AS layers
    FROM scan s
    WHERE s.kind = 'image' AND (s.key = a.key OR s.key IN (SELECT x.key FROM asset_alias x WHERE x.asset_id = a.id))
    ORDER BY s.made DESC, s.id DESC
    LIMIT 1
) s ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS number, count(*) FILTER (WHERE c.running) AS running,
        array_agg(DISTINCT p.place ORDER BY p.place) FILTER (WHERE p.place <> '') AS places
    FROM relation r
    JOIN asset c ON c.id = r.from_id AND c.gone IS NULL
    CROSS JOIN LATERAL (
        SELECT concat_ws('/', nullif(c.cluster, ''), nullif(c.namespace, ''),
            coalesce(nullif(c.workload, ''), CASE WHEN c.cluster = '' THEN nullif(c.host, '') END)) AS place
    ) p
    WHERE r.to_id = a.id AND r.kind = 'instance-of' AND r.ended IS NULL
        AND (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = c.id AND t.team_id = ANY(%(teams)s)
        ))
) c ON true
LEFT JOIN LATERAL (
    SELECT ARRAY[sum(h.bands[1]), sum(h.bands[2]), sum(h.bands[3]), sum(h.bands[4])]::integer[] AS bands
    FROM holder h
    WHERE h.inventory_id = a.inventory_id
        AND (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = h.unit_id AND t.team_id = ANY(%(teams)s)
        ))
    HAVING count(*) > 0
) b ON true
WHERE a.uid = ANY(%(ids)s)
