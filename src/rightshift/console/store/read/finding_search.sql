-- name: amount
-- How much there is to look at, counted in packages; two to four findings for each.
SELECT coalesce(sum(i.packages), 0) FROM held h JOIN inventory i ON i.id = h.inventory_id

-- name: spread
spread AS NOT MATERIALIZED (
    -- OFFSET keeps the planner from pairing all matches with all holders first, IS TRUE from sorting what lies in none
    SELECT m.*, p.inventory_id
    FROM best m
    JOIN inventory_package p ON p.package_version_id = m.package_version_id
    WHERE (p.inventory_id IN (SELECT inventory_id FROM able)) IS TRUE
    OFFSET 0
),

-- name: spread_held
spread AS NOT MATERIALIZED (
    -- the other way round: where little is held, that is less than who holds the best matches anywhere
    SELECT m.*, p.inventory_id
    FROM (
        SELECT p.package_version_id, p.inventory_id
        FROM (SELECT DISTINCT inventory_id FROM able) h
        JOIN inventory_package p ON p.inventory_id = h.inventory_id
        OFFSET 0
    ) p
    JOIN best m ON m.package_version_id = p.package_version_id
    OFFSET 0
),

-- name: near
-- What the best matches give in who can make enough of them, unless use speaks for it.
    SELECT h.unit_id, h.inventory_id, m.package_version_id, m.package_id, m.advisory_id, h.since, m.first_seen,
        m.severity, m.kev, m.fixable, m.fix, {sum} AS points
    FROM spread m
    JOIN able h ON h.inventory_id = m.inventory_id
    LEFT JOIN holder_use s ON s.package_version_id = m.package_version_id AND s.holder_id = h.id
    WHERE m.points + h.most >= coalesce((SELECT floor FROM edge), -32768) AND coalesce(s.points, 0) <= 0

-- name: used
-- And what use speaks for, of matches that can make enough with the most that anybody and any use adds.
    UNION ALL
    SELECT h.unit_id, h.inventory_id, m.package_version_id, m.package_id, m.advisory_id, h.since, m.first_seen,
        m.severity, m.kev, m.fixable, m.fix, {sum} AS points
    FROM (
        SELECT * FROM wanted
        WHERE points >= coalesce((SELECT floor FROM edge), -32768) - (SELECT coalesce(max(most), 0) FROM held)
            - (SELECT coalesce(max(u.points), 0) FROM holder_use u)
        OFFSET 0
    ) m
    JOIN holder_use s ON s.package_version_id = m.package_version_id
    JOIN held h ON h.id = s.holder_id
    WHERE s.points > 0 AND m.points + h.most + s.points >= coalesce((SELECT floor FROM edge), -32768)

-- name: best
-- The matches with the most points of their own, joined to who can make enough of them; and whatever is used.
-- Nothing else can have `edge.floor` points or more: a holder adds at most its `most` to a match, and use the rest.
best AS MATERIALIZED (
    SELECT * FROM wanted ORDER BY points DESC FETCH FIRST %(most)s ROWS WITH TIES
),
edge AS MATERIALIZED (
    SELECT last + most AS floor, last + most - top AS least
    FROM (SELECT CASE WHEN count(*) >= %(most)s THEN min(points) END AS last, max(points) AS top FROM best) b,
        (SELECT coalesce(max(most), 0) AS most FROM held) h
),
able AS MATERIALIZED (
    SELECT * FROM held WHERE most >= coalesce((SELECT least FROM edge), -32768)
),
{spread}
found AS (
{near}
{used}
)

-- name: most
-- Packages in what is looked at, by the most that its holders can add.
SELECT h.most, sum(i.packages) FROM held h JOIN inventory i ON i.id = h.inventory_id GROUP BY 1 ORDER BY 1 DESC

-- name: split
-- As `best`, but the few holders that can add more than `cold` are looked at whole: they would hold the floor up.
best AS MATERIALIZED (
    SELECT * FROM wanted ORDER BY points DESC FETCH FIRST %(most)s ROWS WITH TIES
),
edge AS MATERIALIZED (
    SELECT last + %(cold)s AS floor, last + %(cold)s - top AS least
    FROM (SELECT CASE WHEN count(*) >= %(most)s THEN min(points) END AS last, max(points) AS top FROM best) b
),
able AS MATERIALIZED (
    SELECT * FROM held WHERE most <= %(cold)s AND most >= coalesce((SELECT least FROM edge), -32768)
),
{spread}
found AS (
{near}
    UNION ALL
    SELECT h.unit_id, h.inventory_id, m.package_version_id, m.package_id, m.advisory_id, h.since, m.first_seen,
        m.severity, m.kev, m.fixable, m.fix, {sum} AS points
    FROM held h
    JOIN inventory_package p ON p.inventory_id = h.inventory_id
    JOIN wanted m ON m.package_version_id = p.package_version_id
    LEFT JOIN holder_use s ON s.package_version_id = m.package_version_id AND s.holder_id = h.id
    WHERE h.most > %(cold)s AND m.points + h.most >= coalesce((SELECT floor FROM edge), -32768)
        AND coalesce(s.points, 0) <= 0
{used}
)

-- name: each
-- All that is wanted in all that is looked at: where that is little.
edge AS (SELECT NULL::integer AS floor),
found AS (
    SELECT h.unit_id, h.inventory_id, m.package_version_id, m.package_id, m.advisory_id, h.since, m.first_seen,
        m.severity, m.kev, m.fixable, m.fix, {sum} AS points
    FROM held h
    JOIN inventory_package p ON p.inventory_id = h.inventory_id
    JOIN wanted m ON m.package_version_id = p.package_version_id
    LEFT JOIN holder_use s ON s.package_version_id = m.package_version_id AND s.holder_id = h.id
)

-- name: decided
-- What somebody decided on is little, so it is where to begin: of one state, or all that the open ones leave out.
edge AS (SELECT NULL::integer AS floor),
found AS (
    SELECT h.unit_id, h.inventory_id, m.package_version_id, m.package_id, m.advisory_id, h.since, m.first_seen,
        m.severity, m.kev, m.fixable, m.fix, {sum} AS points
    FROM triage d
    JOIN held h ON h.unit_id = d.unit_id
    JOIN package_version v ON v.package_id = d.package_id
    JOIN inventory_package p ON p.inventory_id = h.inventory_id AND p.package_version_id = v.id
    JOIN wanted m ON m.package_version_id = v.id AND m.advisory_id = d.advisory_id
    LEFT JOIN holder_use s ON s.package_version_id = m.package_version_id AND s.holder_id = h.id
    WHERE (%(state)s = 'open' OR d.state = %(state)s) AND (d.until IS NULL OR d.until > %(now)s)
)

-- name: page
-- One row always, for the floor.
SELECT (SELECT floor FROM edge), r.*
FROM (SELECT) one
LEFT JOIN LATERAL (
    SELECT f.points, f.package_version_id, f.advisory_id, f.unit_id, f.inventory_id, f.package_id
    FROM found f
    LEFT JOIN triage t ON t.unit_id = f.unit_id AND t.package_id = f.package_id AND t.advisory_id = f.advisory_id
        AND (t.until IS NULL OR t.until > %(now)s)
    WHERE f.points >= coalesce((SELECT floor FROM edge), -32768)
        AND (%(points_min)s::integer IS NULL OR f.points >= %(points_min)s)
        AND (%(bands)s::integer[] IS NULL OR width_bucket(f.points, %(edges)s::integer[]) = ANY(%(bands)s))
        AND (%(state)s IN ('all', 'fixed') OR coalesce(t.state, 'open') = %(state)s)
        AND (%(after_points)s::integer IS NULL OR f.points < %(after_points)s OR f.points = %(after_points)s AND
            (f.package_version_id, f.advisory_id, f.unit_id, f.inventory_id) > (
                %(after_version)s::integer, %(after_advisory)s::integer, %(after_unit)s::integer,
                %(after_inventory)s::integer
            )
        )
    ORDER BY f.points DESC, f.package_version_id, f.advisory_id, f.unit_id, f.inventory_id
    LIMIT %(limit)s
) r ON true

-- name: level
-- What has from `high` down to `low` points, after a place in the list. A match gives that where somebody adds just what
-- is missing, so the matches that can are walked in the order of the list, each to who adds that, until there is enough.
used AS MATERIALIZED (
    WITH RECURSIVE each AS (
        SELECT min(points) AS points FROM holder_use
        UNION ALL
        SELECT (SELECT min(u.points) FROM holder_use u WHERE u.points > each.points) FROM each WHERE points IS NOT NULL
    )
    SELECT coalesce(points, 0) AS points FROM each UNION SELECT 0
),
adds AS MATERIALIZED (
    SELECT DISTINCT class, weight,
        exposure[class] + context + CASE WHEN weight > 0 THEN privileges[weight] ELSE 0 END + used.points AS points
    FROM (SELECT DISTINCT exposure, privileges, context FROM held) alike
    CROSS JOIN generate_series(1, 8) class
    CROSS JOIN generate_series(0, 2) weight
    CROSS JOIN used
)
SELECT (SELECT min(points) FROM adds) + (SELECT min(points) FROM match), r.*
FROM (SELECT) one
LEFT JOIN LATERAL (
    SELECT m.level, m.package_version_id, m.advisory_id, h.unit_id, h.inventory_id, m.package_id
    FROM (
        SELECT m.*, n.level
        FROM (
            SELECT a.class, a.weight, level - a.points AS points, level
            FROM adds a
            CROSS JOIN generate_series(%(low)s::integer, %(after_points)s::integer) level
            WHERE (%(points_min)s::integer IS NULL OR level >= %(points_min)s)
                AND (%(bands)s::integer[] IS NULL OR width_bucket(level, %(edges)s::integer[]) = ANY(%(bands)s))
        ) n
        JOIN wanted m ON m.class = n.class AND m.weight = n.weight AND m.points = n.points
        WHERE n.level < %(after_points)s
            OR (m.package_version_id, m.advisory_id) >= (%(after_version)s, %(after_advisory)s)
        ORDER BY level DESC, m.package_version_id, m.advisory_id
    ) m
    CROSS JOIN LATERAL (
        SELECT h.unit_id, h.inventory_id
        FROM inventory_package p
        JOIN held h ON h.inventory_id = p.inventory_id
        LEFT JOIN holder_use s ON s.package_version_id = m.package_version_id AND s.holder_id = h.id
        WHERE p.package_version_id = m.package_version_id AND m.level = {sum}
        OFFSET 0
    ) h
    LEFT JOIN triage t ON t.unit_id = h.unit_id AND t.package_id = m.package_id AND t.advisory_id = m.advisory_id
        AND (t.until IS NULL OR t.until > %(now)s)
    WHERE (%(state)s IN ('all', 'fixed') OR coalesce(t.state, 'open') = %(state)s)
        AND (m.level < %(after_points)s
            OR (m.package_version_id, m.advisory_id, h.unit_id, h.inventory_id)
                > (%(after_version)s, %(after_advisory)s, %(after_unit)s, %(after_inventory)s))
        {past}
    ORDER BY m.level DESC, m.package_version_id, m.advisory_id, h.unit_id, h.inventory_id
    LIMIT %(limit)s
) r ON true

-- name: past
-- What is held now too is not fixed: mostly it is the same version, which is looked up sooner.
AND NOT EXISTS (
    SELECT
    FROM holder n
    JOIN inventory_package p ON p.inventory_id = n.inventory_id AND p.package_version_id = m.package_version_id
    WHERE n.unit_id = h.unit_id
)
AND NOT EXISTS (
    SELECT
    FROM holder n
    JOIN package_version v ON v.package_id = m.package_id
    JOIN match x ON x.package_version_id = v.id AND x.advisory_id = m.advisory_id
    JOIN inventory_package p ON p.inventory_id = n.inventory_id AND p.package_version_id = v.id
    WHERE n.unit_id = h.unit_id
)

-- name: top
SELECT coalesce(max(points), 0) FROM match

-- name: rivals
-- Of rows that are about to be shown: those for which another one of the same unit, package and advisory stands.
SELECT r.at
FROM unnest(
    %(r_points)s::integer[], %(r_versions)s::integer[], %(r_advisories)s::integer[], %(r_units)s::integer[],
    %(r_inventories)s::integer[], %(r_packages)s::integer[]
) WITH ORDINALITY r (points, package_version_id, advisory_id, unit_id, inventory_id, package_id, at)
WHERE EXISTS (
    SELECT
    FROM (
        SELECT h.inventory_id, m.package_version_id, h.since, m.first_seen, {sum} AS points
        FROM held h
        JOIN wanted m ON m.package_id = r.package_id AND m.advisory_id = r.advisory_id
        JOIN inventory_package p
            ON p.inventory_id = h.inventory_id AND p.package_version_id = m.package_version_id
        LEFT JOIN holder_use s ON s.package_version_id = m.package_version_id AND s.holder_id = h.id
        WHERE h.unit_id = r.unit_id
    ) o
    WHERE (%(since)s::timestamptz IS NULL OR o.since >= %(since)s OR o.first_seen >= %(since)s)
        AND (-o.points, o.package_version_id, o.inventory_id) < (-r.points, r.package_version_id, r.inventory_id)
)

-- name: held_now
-- Of rows of the past: those that are held now too, so they are not fixed.
SELECT r.at
FROM unnest(%(r_units)s::integer[], %(r_packages)s::integer[], %(r_advisories)s::integer[])
    WITH ORDINALITY r (unit_id, package_id, advisory_id, at)
WHERE EXISTS (
    SELECT
    FROM holder h
    JOIN package_version v ON v.package_id = r.package_id
    JOIN match m ON m.package_version_id = v.id AND m.advisory_id = r.advisory_id
    JOIN inventory_package p ON p.inventory_id = h.inventory_id AND p.package_version_id = v.id
    WHERE h.unit_id = r.unit_id
)
