-- name: holders
-- Packages in what is looked at, and the most that anything there adds to a match.
SELECT coalesce(sum(i.packages), 0)::bigint,
    coalesce(max(h.most), 0) + greatest(0, (SELECT max(points) FROM holder_use))::integer
FROM held h
JOIN inventory i ON i.id = h.inventory_id

-- name: matches
-- How often what is wanted lies in any inventory, counted up to a limit.
SELECT count(*) FROM (
    SELECT FROM wanted m JOIN inventory_package p ON p.package_version_id = m.package_version_id LIMIT %(few)s
) x

-- name: decided
SELECT count(*) FROM (SELECT FROM triage WHERE state = %(state)s LIMIT %(few)s) x

-- name: part
-- Those that can add most, up to a number of packages.
held AS MATERIALIZED (
    SELECT id, unit_id, inventory_id, exposure, privileges, context, most, since
    FROM (
        SELECT l.*, sum(i.packages) OVER (
            ORDER BY l.most DESC, l.unit_id, l.inventory_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS before
        FROM looked l
        JOIN inventory i ON i.id = l.inventory_id
    ) x
    WHERE coalesce(before, 0) < %(few)s
)

-- name: by_match
found AS (
    SELECT h.unit_id, h.inventory_id, m.package_version_id, m.package_id, m.advisory_id, h.since, m.first_seen,
        m.severity, m.kev, m.fixable, m.fix, {sum} AS points
    FROM (
        -- OFFSET keeps the planner from beginning with the holders
        SELECT m.*, p.inventory_id
        FROM wanted m
        JOIN inventory_package p ON p.package_version_id = m.package_version_id
        OFFSET 0
    ) m
    JOIN held h ON h.inventory_id = m.inventory_id
    LEFT JOIN holder_use s ON s.package_version_id = m.package_version_id AND s.holder_id = h.id
)

-- name: by_both
-- What is new: any match in what is held since then, and matches since then in the rest.
found AS (
    SELECT h.unit_id, h.inventory_id, m.package_version_id, m.package_id, m.advisory_id, h.since, m.first_seen,
        m.severity, m.kev, m.fixable, m.fix, {sum} AS points
    FROM held h
    JOIN inventory_package p ON p.inventory_id = h.inventory_id
    JOIN wanted m ON m.package_version_id = p.package_version_id
    LEFT JOIN holder_use s ON s.package_version_id = m.package_version_id AND s.holder_id = h.id
    WHERE h.since >= %(since)s
    UNION ALL
    SELECT h.unit_id, h.inventory_id, m.package_version_id, m.package_id, m.advisory_id, h.since, m.first_seen,
        m.severity, m.kev, m.fixable, m.fix, {sum} AS points
    FROM (
        SELECT m.*, p.inventory_id
        FROM wanted m
        JOIN inventory_package p ON p.package_version_id = m.package_version_id
        WHERE m.first_seen >= %(since)s OFFSET 0
    ) m
    JOIN held h ON h.inventory_id = m.inventory_id AND h.since < %(since)s
    LEFT JOIN holder_use s ON s.package_version_id = m.package_version_id AND s.holder_id = h.id
)
