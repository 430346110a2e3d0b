-- name: advisory
SELECT d.name AS key, d.summary AS title, ''::text AS detail, g.*
FROM (
    SELECT advisory_id, {sums} FROM rows r GROUP BY advisory_id ORDER BY points DESC, findings DESC, advisory_id LIMIT %(groups)s
) g
JOIN advisory d ON d.id = g.advisory_id
ORDER BY g.points DESC, g.findings DESC, d.id

-- name: package
SELECT k.ecosystem || '/' || k.name AS key, k.name AS title, ''::text AS detail, g.*
FROM (
    SELECT package_id, {sums} FROM rows r GROUP BY package_id ORDER BY points DESC, findings DESC, package_id LIMIT %(groups)s
) g
JOIN package k ON k.id = g.package_id
ORDER BY g.points DESC, g.findings DESC, k.id

-- name: unit
SELECT u.uid::text AS key, u.name AS title, u.kind AS detail, g.*
FROM (
    SELECT unit_id, {sums} FROM rows r GROUP BY unit_id ORDER BY points DESC, findings DESC, unit_id LIMIT %(groups)s
) g
JOIN asset u ON u.id = g.unit_id
ORDER BY g.points DESC, g.findings DESC, u.id

-- name: fix
-- What one package needs is the version that fixes most of it: the lowest that each match names is given.
SELECT k.ecosystem || '/' || k.name || '@' || g.version AS key, k.name AS title, g.version AS detail, g.*
FROM (
    SELECT r.package_id, coalesce(m.fixed[1], '') AS version, {sums}
    FROM rows r
    JOIN match m ON m.package_version_id = r.package_version_id AND m.advisory_id = r.advisory_id AND m.fixable
    GROUP BY 1, 2
    ORDER BY points DESC, findings DESC, 1, 2
    LIMIT %(groups)s
) g
JOIN package k ON k.id = g.package_id
ORDER BY g.points DESC, g.findings DESC, k.id, g.version

-- name: sums
max(r.points)::integer AS points, count(*) AS findings, count(DISTINCT r.unit_id) AS units

-- name: rows
rows AS (
    SELECT f.points::integer AS points, f.package_version_id, f.advisory_id, f.unit_id, f.package_id
    FROM (
        SELECT DISTINCT ON (unit_id, package_id, advisory_id) *
        FROM found
        WHERE %(since)s::timestamptz IS NULL OR since >= %(since)s OR first_seen >= %(since)s
        ORDER BY unit_id, package_id, advisory_id, points DESC, package_version_id, inventory_id
    ) f
    LEFT JOIN triage t ON t.unit_id = f.unit_id AND t.package_id = f.package_id AND t.advisory_id = f.advisory_id
        AND (t.until IS NULL OR t.until > %(now)s)
    WHERE (%(points_min)s::integer IS NULL OR f.points >= %(points_min)s)
        AND (%(bands)s::integer[] IS NULL OR width_bucket(f.points, %(edges)s::integer[]) = ANY(%(bands)s))
        AND (%(state)s IN ('all', 'fixed') OR coalesce(t.state, 'open') = %(state)s)
)
