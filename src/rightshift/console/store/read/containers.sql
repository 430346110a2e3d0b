-- name: more
SELECT a.uid AS id, coalesce(a.attributes ->> 'image', '') AS image, i.uid AS image_id,
    coalesce(a.attributes ->> 'runtime', '') AS runtime, coalesce(a.attributes ->> 'state', '') AS state,
    to_timestamp((nullif(a.attributes ->> 'created_ms', '0'))::bigint / 1000.0) AS started,
    array(SELECT jsonb_array_elements_text(coalesce(a.attributes -> 'addresses', '[]'))) AS addresses,
    array(
        SELECT concat(l.protocol, ' ', CASE WHEN strpos(l.address, ':') > 0 THEN '[' || l.address || ']' ELSE l.address END,
            ':', l.port)
        FROM (
            SELECT l.protocol, l.port, l.address
            FROM listener_fact l
            WHERE l.kind = 'container' AND l.key = a.key AND l.ended IS NULL
            UNION
            SELECT l.protocol, l.port, l.address
            FROM asset_fact f
            JOIN listener_fact l ON l.kind = f.kind AND l.key = f.key AND l.ended IS NULL
            WHERE f.parent_kind = 'container' AND f.parent_key = a.key AND f.kind = 'process' AND f.ended IS NULL
            ORDER BY 1, 2, 3
            LIMIT 100
        ) l
    ) AS listening,
    CASE WHEN EXISTS (
        SELECT FROM relation r
        JOIN asset o ON o.id = r.from_id AND o.kind = 'internet'
        WHERE r.to_id = a.id AND r.kind = 'connects-to' AND r.ended IS NULL
    ) THEN true END AS from_internet,
    a.attributes -> 'privileges' AS privileges, encode(n.digest, 'hex') AS inventory, n.packages
FROM asset a
LEFT JOIN inventory n ON n.id = a.inventory_id
LEFT JOIN LATERAL (
    SELECT o.uid
    FROM relation r
    JOIN asset o ON o.id = r.to_id
    WHERE r.from_id = a.id AND r.kind = 'instance-of' AND r.ended IS NULL
        AND (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = o.id AND t.team_id = ANY(%(teams)s)
        ))
    ORDER BY r.last_seen DESC, o.id
    LIMIT 1
) i ON true
WHERE a.uid = ANY(%(ids)s)
