-- name: page
-- One of a container that is not concluded yet belongs to nobody: its host's teams may not be the container's.
WITH page AS MATERIALIZED (
    SELECT f.*, c.uid AS container, c.name AS container_name, c.namespace, c.workload, h.uid AS host, h.name AS host_name
    FROM asset_fact f
    JOIN reporter r ON r.id = f.reporter_id
    LEFT JOIN asset h ON h.kind = 'host' AND h.key = r.key
    LEFT JOIN asset c ON f.parent_kind = 'container' AND c.kind = 'container' AND c.key = f.parent_key
    WHERE f.kind = 'process'
        AND (%(gone)s OR f.ended IS NULL)
        AND (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team t
            WHERE t.asset_id = CASE WHEN f.parent_kind = 'container' THEN c.id ELSE h.id END
                AND t.team_id = ANY(%(teams)s)
        ))
        AND (%(hosts)s::text[] IS NULL OR f.reporter_id = ANY(ARRAY(
            SELECT o.id FROM asset a JOIN reporter o ON o.key = a.key WHERE a.kind = 'host' AND a.name = ANY(%(hosts)s)
        )))
        AND (%(container)s::uuid IS NULL OR f.parent_kind = 'container' AND f.parent_key = (
            SELECT a.key FROM asset a WHERE a.uid = %(container)s AND a.kind = 'container'
        ))
        AND (%(namespaces)s::text[] IS NULL OR c.namespace = ANY(%(namespaces)s))
        AND (%(workloads)s::text[] IS NULL OR c.workload = ANY(%(workloads)s))
        AND (%(runtimes)s::text[] IS NULL OR f.attributes ->> 'runtime' = ANY(%(runtimes)s))
        AND (%(uid)s::bigint IS NULL OR f.attributes ->> 'uid' = %(uid)s::bigint::text)
        AND (%(port)s::integer IS NULL OR EXISTS (
            SELECT FROM listener_fact l
            WHERE l.kind = f.kind AND l.key = f.key AND l.port = %(port)s AND l.ended IS NULL
        ))
        AND (%(text)s::text IS NULL
            OR strpos(lower(concat_ws(' ', f.attributes ->> 'name', f.attributes ->> 'exe')), lower(%(text)s)) > 0)
        AND (%(after)s::text IS NULL OR f.key > %(after)s)
    ORDER BY f.key
    LIMIT %(limit)s
)
SELECT p.key AS id, substring(p.key FROM '([0-9]{1,9})-[0-9]+$')::integer AS pid,
    coalesce(p.attributes ->> 'name', '') AS name, coalesce(p.attributes ->> 'exe', '') AS exe,
    coalesce(p.attributes ->> 'runtime', '') AS runtime, (p.attributes ->> 'uid')::bigint AS uid,
    (p.attributes ->> 'capabilities')::bigint AS capabilities,
    p.container, coalesce(p.container_name, '') AS container_name, p.host, coalesce(p.host_name, '') AS host_name,
    coalesce(p.namespace, '') AS namespace, coalesce(p.workload, '') AS workload,
    to_timestamp(nullif((p.attributes ->> 'created_ms')::bigint, 0) / 1000.0) AS started,
    coalesce(p.attributes ->> 'started_by', '') AS started_by,
    array(
        SELECT concat(l.protocol, ' ', CASE WHEN strpos(l.address, ':') > 0 THEN '[' || l.address || ']' ELSE l.address END,
            ':', l.port)
        FROM listener_fact l
        WHERE l.kind = 'process' AND l.key = p.key AND l.ended IS NULL
        ORDER BY l.protocol, l.port, l.address
        LIMIT 100
    ) AS listening,
    to_timestamp(nullif((p.attributes -> 'watch' ->> 'since_ms')::bigint, 0) / 1000.0) AS watched_since,
    CASE WHEN jsonb_typeof(p.attributes -> 'watch') = 'object'
        THEN coalesce((p.attributes -> 'watch' ->> 'complete')::boolean, false) END AS watch_complete,
    coalesce(p.attributes -> 'watch' ->> 'why', '') AS watch_why,
    p.first_seen, p.last_seen, p.ended AS gone
FROM page p
ORDER BY p.key
