-- name: totals
SELECT
    (SELECT count(*) FROM asset a WHERE a.gone IS NULL AND (%(teams)s::uuid[] IS NULL OR EXISTS (
        SELECT FROM asset_team t WHERE t.asset_id = a.id AND t.team_id = ANY(%(teams)s)
    ))) AS assets,
    count(*) AS holders, count(DISTINCT h.unit_id) AS units, count(DISTINCT h.inventory_id) AS inventories,
    coalesce(sum(h.bands[1]), 0)::bigint AS now, coalesce(sum(h.bands[2]), 0)::bigint AS soon,
    coalesce(sum(h.bands[3]), 0)::bigint AS plan, coalesce(sum(h.bands[4]), 0)::bigint AS routine
FROM holder h
WHERE %(teams)s::uuid[] IS NULL OR EXISTS (
    SELECT FROM asset_team t WHERE t.asset_id = h.unit_id AND t.team_id = ANY(%(teams)s)
)

-- name: conclusions
SELECT d.generation, d.at, (SELECT count(*) FROM dirty) AS waiting,
    (SELECT count(*) FROM package_version v WHERE v.matchable AND NOT EXISTS (
        SELECT FROM matched m WHERE m.package_version_id = v.id
    )) AS unmatched,
    (SELECT count(*) FROM set_aside) AS aside
FROM derived d

-- name: aside
SELECT a.what, coalesce(CASE a.what
        WHEN 'asset' THEN a.kind || ':' || a.key
        WHEN 'scan' THEN (SELECT s.kind || ':' || s.key FROM scan s WHERE s.id = a.which)
        WHEN 'package_version' THEN (SELECT v.purl FROM package_version v WHERE v.id = a.which)
        WHEN 'inventory' THEN (
            SELECT s.kind || ':' || s.key FROM scan s WHERE s.inventory_id = a.which ORDER BY s.id LIMIT 1
        )
    END, '') AS name, a.reason, a.at
FROM set_aside a
WHERE %(teams)s::uuid[] IS NULL
ORDER BY a.at DESC, a.what, a.which, a.key
LIMIT 100

-- name: silent
-- Reporters that keep telling, and have not for a while. A reporter is seen by whoever sees its host.
SELECT r.key, r.kind, r.name, r.seen, r.dropped, jsonb_array_length(r.gaps) AS gaps
FROM reporter r
WHERE r.kind <> 'scans' AND (r.seen IS NULL AND r.created < %(before)s OR r.seen < %(before)s)
    -- one that was revoked is meant to be silent
    AND NOT EXISTS (SELECT FROM token c WHERE c.reporter_id = r.id HAVING bool_and(c.revoked IS NOT NULL))
    AND (%(teams)s::uuid[] IS NULL OR EXISTS (
        SELECT FROM asset a
        JOIN asset_team t ON t.asset_id = a.id AND t.team_id = ANY(%(teams)s)
        WHERE a.kind = 'host' AND a.key = r.key
    ))
ORDER BY r.seen NULLS FIRST, r.key
LIMIT 100

-- name: failed
SELECT j.id, j.name, j.error, j.ended
FROM job_run j
WHERE j.state = 'failed' AND j.ended >= %(since)s
    AND (%(teams)s::uuid[] IS NULL OR j.teams && %(teams)s::uuid[])
    -- one that went well since makes it good
    AND NOT EXISTS (
        SELECT FROM job_run o
        WHERE o.name = j.name AND o.source_id IS NOT DISTINCT FROM j.source_id AND o.state = 'done'
            AND o.ended > j.ended
    )
ORDER BY j.ended DESC
LIMIT 100
