-- name: ahead
-- From what is counted for each holder: in all, and for each ecosystem only how many. One that holds several
-- inventories may count a finding more than once; who was not counted yet counts nothing.
WITH {held},
alike AS MATERIALIZED (
    SELECT facet, count(*) AS holders FROM held GROUP BY 1
)
SELECT '' AS ecosystem, {each}::bigint[], ({kev})::bigint,
    EXISTS (SELECT FROM held WHERE facet = 0)
        OR EXISTS (SELECT FROM held GROUP BY unit_id HAVING count(*) > 1)
FROM alike
JOIN facet f ON f.id = alike.facet
WHERE CASE WHEN %(ecosystems)s::text[] IS NULL THEN f.ecosystem = '' ELSE f.ecosystem = ANY(%(ecosystems)s) END
UNION ALL
SELECT f.ecosystem, ARRAY[{all}]::bigint[], 0, false
FROM alike
JOIN facet f ON f.id = alike.facet
WHERE CASE WHEN %(ecosystems)s::text[] IS NULL THEN f.ecosystem <> '' ELSE f.ecosystem = ANY(%(ecosystems)s) END
GROUP BY 1

-- name: decided
-- What is not open among what `ahead` counts.
WITH {held}
SELECT k.ecosystem, t.cell, count(*)
FROM triage t
JOIN package k ON k.id = t.package_id
WHERE t.unit_id IN (SELECT unit_id FROM held) AND t.cell IS NOT NULL AND (t.until IS NULL OR t.until > %(now)s)
    AND (%(ecosystems)s::text[] IS NULL OR k.ecosystem = ANY(%(ecosystems)s))
GROUP BY 1, 2

-- name: each
-- Each row of the list, counted.
SELECT k.ecosystem, r.severity, r.kev, r.fixable, width_bucket(r.points, %(edges)s::integer[]), count(*)
FROM (
    SELECT unit_id, package_id, advisory_id, ((packed >> 40) - 32768)::integer AS points,
        ((packed >> 2) & 7)::integer AS severity, (packed & 2) > 0 AS kev, (packed & 1) > 0 AS fixable
    FROM (
        SELECT f.unit_id, f.package_id, f.advisory_id, max(
            ((32768 + f.points)::bigint << 40) | ((2147483647 - f.package_version_id)::bigint << 8)
                | (f.severity * 4 + f.kev::integer * 2 + f.fixable::integer)
        ) AS packed
        FROM found f
        WHERE %(since)s::timestamptz IS NULL OR f.since >= %(since)s OR f.first_seen >= %(since)s
        GROUP BY 1, 2, 3
    ) best
) r
JOIN package k ON k.id = r.package_id
LEFT JOIN triage t ON t.unit_id = r.unit_id AND t.package_id = r.package_id AND t.advisory_id = r.advisory_id
    AND (t.until IS NULL OR t.until > %(now)s)
WHERE (%(points_min)s::integer IS NULL OR r.points >= %(points_min)s)
    AND (%(bands)s::integer[] IS NULL OR width_bucket(r.points, %(edges)s::integer[]) = ANY(%(bands)s))
    AND (%(state)s IN ('all', 'fixed') OR coalesce(t.state, 'open') = %(state)s)
    {past}
GROUP BY 1, 2, 3, 4, 5

-- name: past
-- What is held now too is not fixed.
AND (r.unit_id, r.package_id, r.advisory_id) NOT IN (
    SELECT h.unit_id, v.package_id, m.advisory_id
    FROM holder h
    JOIN inventory_package p ON p.inventory_id = h.inventory_id
    JOIN package_version v ON v.id = p.package_version_id
    JOIN match m ON m.package_version_id = v.id
    WHERE h.unit_id IN (SELECT unit_id FROM held)
)
