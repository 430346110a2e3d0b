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
    SELECT best.points, best.package_version_id, best.advisory_id, best.unit_id, best.package_id
    FROM (
        SELECT unit_id, package_id, advisory_id, ((packed >> 31) - 32768)::integer AS points,
            (2147483647 - (packed & 2147483647))::integer AS package_version_id
        FROM (
            -- points, then the version, of which the first is best, in one number
            SELECT f.unit_id, f.package_id, f.advisory_id,
                max(((32768 + f.points)::bigint << 31) | (2147483647 - f.package_version_id)) AS packed
            FROM found f
            WHERE %(since)s::timestamptz IS NULL OR f.since >= %(since)s OR f.first_seen >= %(since)s
            GROUP BY 1, 2, 3
        ) f
    ) best
    LEFT JOIN triage t ON t.unit_id = best.unit_id AND t.package_id = best.package_id
        AND t.advisory_id = best.advisory_id AND (t.until IS NULL OR t.until > %(now)s)
    WHERE (%(points_min)s::integer IS NULL OR best.points >= %(points_min)s)
        AND (%(bands)s::integer[] IS NULL OR width_bucket(best.points, %(edges)s::integer[]) = ANY(%(bands)s))
        AND (%(state)s IN ('all', 'fixed') OR coalesce(t.state, 'open') = %(state)s)
)

-- name: best
-- The groups with the best findings, as far as nothing that was not looked at can be better.
SELECT (SELECT floor FROM edge), g.*
FROM (SELECT) one
LEFT JOIN LATERAL (
    SELECT {key} AS id, {version} AS version, max(f.points)::integer
    FROM found f
    LEFT JOIN triage t ON t.unit_id = f.unit_id AND t.package_id = f.package_id AND t.advisory_id = f.advisory_id
        AND (t.until IS NULL OR t.until > %(now)s)
    WHERE f.points >= coalesce((SELECT floor FROM edge), -32768)
        AND (%(points_min)s::integer IS NULL OR f.points >= %(points_min)s)
        AND (%(bands)s::integer[] IS NULL OR width_bucket(f.points, %(edges)s::integer[]) = ANY(%(bands)s))
        AND (%(state)s IN ('all', 'fixed') OR coalesce(t.state, 'open') = %(state)s)
        AND (%(since)s::timestamptz IS NULL OR f.since >= %(since)s OR f.first_seen >= %(since)s)
        AND {version} IS NOT NULL
    GROUP BY 1, 2
    ORDER BY 3 DESC, 1, 2
    LIMIT %(groups)s
) g ON true

-- name: fixes
-- What fixes some rows, in their order; those that nothing fixes are left out.
SELECT r.at, coalesce(m.fixed[1], '')
FROM unnest(%(r_versions)s::integer[], %(r_advisories)s::integer[])
    WITH ORDINALITY r (package_version_id, advisory_id, at)
JOIN match m ON m.package_version_id = r.package_version_id AND m.advisory_id = r.advisory_id AND m.fixable

-- name: spread
-- In how many inventories the best matches lie, and how many matches that are.
SELECT count(*), (SELECT count(*) FROM best)
FROM best
JOIN inventory_package p ON p.package_version_id = best.package_version_id

-- name: few_best
best AS MATERIALIZED (
    SELECT m.package_version_id FROM wanted m ORDER BY m.points DESC LIMIT %(few)s
)

-- name: counted
-- How much is in each of some groups, up to a number of rows of each.
SELECT g.at, f.*
FROM unnest(%(g_ids)s::integer[], %(g_versions)s::text[]) WITH ORDINALITY g (id, version, at)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE fits), count(DISTINCT unit_id) FILTER (WHERE fits),
        coalesce(sum(looked) >= %(most)s OR max(lies) >= 4 * %(most)s, true)
    FROM (
        SELECT best.unit_id, best.looked, best.lies,
            (%(points_min)s::integer IS NULL OR best.points >= %(points_min)s)
                AND (%(bands)s::integer[] IS NULL OR width_bucket(best.points, %(edges)s::integer[]) = ANY(%(bands)s))
                AND (%(state)s IN ('all', 'fixed') OR coalesce(t.state, 'open') = %(state)s) AS fits
        FROM (
            SELECT unit_id, package_id, advisory_id, max(points)::integer AS points, count(*) AS looked,
                max(lies) AS lies
            FROM (
                SELECT h.unit_id, m.package_id, m.advisory_id, m.lies, {sum} AS points
                FROM {rows}
                LEFT JOIN holder_use s ON s.package_version_id = m.package_version_id AND s.holder_id = h.id
                WHERE %(since)s::timestamptz IS NULL OR h.since >= %(since)s OR m.first_seen >= %(since)s
                LIMIT %(most)s
            ) few
            GROUP BY 1, 2, 3
        ) best
        LEFT JOIN triage t ON t.unit_id = best.unit_id AND t.package_id = best.package_id
            AND t.advisory_id = best.advisory_id AND (t.until IS NULL OR t.until > %(now)s)
    ) each
) f
ORDER BY g.at

-- name: by_match
-- OFFSET and IS TRUE keep the planner from beginning with all that is looked at, for a group that needs few of it.
(
    SELECT *, count(*) OVER () AS lies
    FROM (
        SELECT m.*, p.inventory_id
        FROM wanted m
        JOIN inventory_package p ON p.package_version_id = m.package_version_id
        WHERE {group}
        LIMIT 4 * %(most)s
    ) x
    OFFSET 0
) m
CROSS JOIN LATERAL (
    SELECT * FROM holder
    WHERE (m.inventory_id IN (SELECT inventory_id FROM held)) IS TRUE
        AND inventory_id = m.inventory_id AND (id IN (SELECT id FROM held)) IS TRUE
    OFFSET 0
) h

-- name: by_past
(
    SELECT *, count(*) OVER () AS lies
    FROM (
        SELECT m.*, p.inventory_id
        FROM wanted m
        JOIN inventory_package p ON p.package_version_id = m.package_version_id
        WHERE {group}
        LIMIT 4 * %(most)s
    ) x
) m
JOIN held h ON h.inventory_id = m.inventory_id

-- name: by_unit
(SELECT * FROM held WHERE unit_id = g.id) h
CROSS JOIN LATERAL (
    SELECT package_version_id FROM inventory_package WHERE inventory_id = h.inventory_id OFFSET 0
) p
CROSS JOIN LATERAL (
    SELECT *, 0 AS lies FROM wanted w WHERE w.package_version_id = p.package_version_id OFFSET 0
) m

-- name: call_advisory
SELECT d.id, d.name, d.summary, '' FROM advisory d WHERE d.id = ANY(%(g_ids)s::integer[])

-- name: call_package
SELECT k.id, k.ecosystem || '/' || k.name, k.name, '' FROM package k WHERE k.id = ANY(%(g_ids)s::integer[])

-- name: call_unit
SELECT u.id, u.uid::text, u.name, u.kind FROM asset u WHERE u.id = ANY(%(g_ids)s::integer[])
