-- name: ahead
-- From what is counted for each inventory. A unit that holds several may count one finding more than once.
SELECT f.ecosystem, f.severity, f.kev, f.fixable, sum(f.findings)::bigint
FROM held h
JOIN inventory_facet f ON f.inventory_id = h.inventory_id
WHERE (%(severities)s::smallint[] IS NULL OR f.severity = ANY(%(severities)s))
    AND (%(kev)s::boolean IS NULL OR f.kev = %(kev)s)
    AND (%(fixable)s::boolean IS NULL OR f.fixable = %(fixable)s)
    AND (%(ecosystems)s::text[] IS NULL OR f.ecosystem = ANY(%(ecosystems)s))
GROUP BY 1, 2, 3, 4

-- name: bands
SELECT coalesce(sum(o.bands[1]), 0)::bigint, coalesce(sum(o.bands[2]), 0)::bigint,
    coalesce(sum(o.bands[3]), 0)::bigint, coalesce(sum(o.bands[4]), 0)::bigint
FROM held h
JOIN holder o ON o.id = h.id

-- name: several
-- How many packages lie in units that hold more than one inventory.
SELECT coalesce(sum(i.packages), 0)
FROM (SELECT *, count(*) OVER (PARTITION BY unit_id) AS inventories FROM held) h
JOIN inventory i ON i.id = h.inventory_id
WHERE h.inventories > 1

-- name: each
-- Each row of the list, counted. `only_several` counts what `ahead` counts wrongly: in units with several inventories.
SELECT k.ecosystem, r.severity, r.kev, r.fixable, width_bucket(r.points, %(edges)s::integer[]), count(*)
FROM (
    SELECT DISTINCT ON (f.unit_id, f.package_id, f.advisory_id) f.*
    FROM found f
    WHERE %(since)s::timestamptz IS NULL OR f.since >= %(since)s OR f.first_seen >= %(since)s
    ORDER BY f.unit_id, f.package_id, f.advisory_id, f.points DESC, f.package_version_id, f.inventory_id
) r
JOIN package k ON k.id = r.package_id
LEFT JOIN triage t ON t.unit_id = r.unit_id AND t.package_id = r.package_id AND t.advisory_id = r.advisory_id
    AND (t.until IS NULL OR t.until > %(now)s)
WHERE (%(points_min)s::integer IS NULL OR r.points >= %(points_min)s)
    AND (%(bands)s::integer[] IS NULL OR width_bucket(r.points, %(edges)s::integer[]) = ANY(%(bands)s))
    AND (%(state)s IN ('all', 'fixed') OR coalesce(t.state, 'open') = %(state)s)
GROUP BY 1, 2, 3, 4, 5

-- name: decided
-- What is not open among what `ahead` counts.
SELECT k.ecosystem, r.severity, r.kev, r.fixable, width_bucket(r.points, %(edges)s::integer[]), count(*)
FROM (
    SELECT DISTINCT ON (f.unit_id, f.package_id, f.advisory_id) f.*
    FROM found f
    ORDER BY f.unit_id, f.package_id, f.advisory_id, f.points DESC, f.package_version_id, f.inventory_id
) r
JOIN package k ON k.id = r.package_id
GROUP BY 1, 2, 3, 4, 5
