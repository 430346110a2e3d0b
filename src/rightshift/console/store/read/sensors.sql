-- name: page
-- What one says of its host proves nothing: two that say the same are a conflict, and each keeps what is its own.
WITH found AS (
    SELECT r.*, h.id AS host_id, h.uid AS host, coalesce(h.name, '') AS host_name, t.expires,
        CASE
            WHEN t.expires IS NULL AND t.revoked THEN 'revoked'
            WHEN t.expires IS NULL THEN 'expired'
            WHEN coalesce(r.seen, r.created) < %(silent)s THEN 'silent'
            WHEN r.seen IS NULL THEN 'waiting'
            ELSE 'reporting'
        END AS state,
        (SELECT count(DISTINCT o.key)
         FROM asset_fact f
         JOIN asset_fact o ON o.kind = 'host' AND o.key <> f.key AND o.ended IS NULL
            AND (o.attributes ->> 'machine_id' = nullif(f.attributes ->> 'machine_id', '')
                OR o.attributes ->> 'cloud_id' = nullif(f.attributes ->> 'cloud_id', ''))
         JOIN reporter p ON p.id = o.reporter_id AND p.kind = 'sensor' AND p.key = o.key
         WHERE r.kind = 'sensor' AND f.reporter_id = r.id AND f.kind = 'host' AND f.key = r.key AND f.ended IS NULL
            AND NOT EXISTS (
                SELECT FROM token c WHERE c.reporter_id IN (p.id, r.id)
                GROUP BY c.reporter_id HAVING bool_and(c.revoked IS NOT NULL)
            )
            AND (%(teams)s::uuid[] IS NULL OR EXISTS (
                SELECT FROM asset a JOIN asset_team m ON m.asset_id = a.id AND m.team_id = ANY(%(teams)s)
                WHERE a.kind = 'host' AND a.key = p.key
            ))
        )::integer AS conflicts
    FROM reporter r
    LEFT JOIN asset h ON h.kind = 'host' AND h.key = r.key
    CROSS JOIN LATERAL (
        SELECT max(c.expires) FILTER (WHERE c.revoked IS NULL AND c.expires > %(now)s) AS expires,
            coalesce(bool_or(c.revoked IS NOT NULL), true) AS revoked
        FROM token c WHERE c.reporter_id = r.id
    ) t
    WHERE r.kind <> 'scans'
        AND (%(id)s::text IS NULL OR r.key = %(id)s)
        AND (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team m WHERE m.asset_id = h.id AND m.team_id = ANY(%(teams)s)
        ))
        AND (%(kinds)s::text[] IS NULL OR r.kind = ANY(%(kinds)s))
        AND (%(hosts)s::text[] IS NULL OR h.name = ANY(%(hosts)s))
        AND (%(text)s::text IS NULL
            OR strpos(lower(concat_ws(' ', r.name, r.key, h.name)), lower(%(text)s)) > 0)
        AND (%(after_name)s::text IS NULL OR (r.name, r.key) > (%(after_name)s, %(after_id)s::text))
)
SELECT f.key AS id, f.kind, f.name, f.version, f.state, f.program, f.host, f.host_name,
    array(
        SELECT m.team_id FROM asset_team m
        WHERE m.asset_id = f.host_id AND (%(teams)s::uuid[] IS NULL OR m.team_id = ANY(%(teams)s))
        ORDER BY 1
    ) AS teams,
    f.created AS enrolled, f.seen AS heard,
    CASE WHEN f.state = 'silent' THEN coalesce(f.seen, f.created) END AS silent_since,
    f.skew_ms,
    coalesce((
        SELECT jsonb_object_agg(p ->> 'name', p ->> 'state') FROM jsonb_array_elements(f.probes) p
    ), '{}') AS completeness,
    f.missing, f.lost, f.dropped, jsonb_array_length(f.gaps) AS gaps, f.expires, f.conflicts
FROM found f
WHERE (%(states)s::text[] IS NULL OR f.state = ANY(%(states)s))
    AND (%(conflict)s::boolean IS NULL OR (f.conflicts > 0) = %(conflict)s)
ORDER BY f.name, f.key
LIMIT %(limit)s

-- name: probes
SELECT p.name, p.state, coalesce(p.method, '') AS method, coalesce(p.why, '') AS why,
    coalesce(p.since_ms, 0) AS since_ms, coalesce(p.lost, 0) AS lost
FROM reporter r
CROSS JOIN jsonb_to_recordset(r.probes) AS p(name text, state text, method text, why text, since_ms bigint, lost bigint)
WHERE r.key = %(id)s
ORDER BY p.name
LIMIT 100

-- name: gaps
SELECT g.what, g.reason
FROM reporter r
CROSS JOIN jsonb_to_recordset(r.gaps) AS g(what text, reason text)
WHERE r.key = %(id)s
ORDER BY g.what, g.reason
LIMIT 100

-- name: conflicts
SELECT p.key AS id, p.name, c.by, f.attributes ->> c.by AS value, p.seen AS heard
FROM asset_fact f
CROSS JOIN (VALUES ('machine_id'), ('cloud_id')) AS c(by)
JOIN asset_fact o ON o.kind = 'host' AND o.key <> f.key AND o.ended IS NULL
    AND CASE c.by
        WHEN 'machine_id' THEN o.attributes ->> 'machine_id' = nullif(f.attributes ->> 'machine_id', '')
        ELSE o.attributes ->> 'cloud_id' = nullif(f.attributes ->> 'cloud_id', '')
    END
JOIN reporter p ON p.id = o.reporter_id AND p.kind = 'sensor' AND p.key = o.key
JOIN reporter r ON r.id = f.reporter_id AND r.kind = 'sensor' AND r.key = f.key
WHERE f.kind = 'host' AND f.key = %(id)s AND f.ended IS NULL
    AND NOT EXISTS (
        SELECT FROM token t WHERE t.reporter_id IN (p.id, r.id)
        GROUP BY t.reporter_id HAVING bool_and(t.revoked IS NOT NULL)
    )
    AND (%(teams)s::uuid[] IS NULL OR EXISTS (
        SELECT FROM asset a JOIN asset_team m ON m.asset_id = a.id AND m.team_id = ANY(%(teams)s)
        WHERE a.kind = 'host' AND a.key = p.key
    ))
ORDER BY p.name, p.key, c.by
LIMIT 100

-- name: credentials
SELECT t.id, t.hint, t.created, t.used, t.expires, t.revoked
FROM token t
JOIN reporter r ON r.id = t.reporter_id
WHERE r.key = %(id)s
ORDER BY t.created DESC, t.id
LIMIT 20
