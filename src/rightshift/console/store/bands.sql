-- name: recount
-- One row of a list is counted once in each holder: of several versions of a package the one with most points.
UPDATE holder h
SET bands = ARRAY[coalesce(b.now, 0), coalesce(b.soon, 0), coalesce(b.plan, 0), coalesce(b.routine, 0)]
FROM holder o
LEFT JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE points >= %(now)s) AS now,
        count(*) FILTER (WHERE points >= %(soon)s AND points < %(now)s) AS soon,
        count(*) FILTER (WHERE points >= %(plan)s AND points < %(soon)s) AS plan,
        count(*) FILTER (WHERE points < %(plan)s) AS routine
    FROM (
        SELECT max(
            m.points + o.exposure[m.class] + o.context + coalesce(u.points, 0)
            + CASE WHEN m.weight > 0 THEN o.privileges[m.weight] ELSE 0 END
        ) AS points
        FROM inventory_package p
        JOIN match m ON m.package_version_id = p.package_version_id
        JOIN package_version v ON v.id = p.package_version_id
        LEFT JOIN holder_use u ON u.package_version_id = p.package_version_id AND u.holder_id = o.id
        WHERE p.inventory_id = o.inventory_id
        GROUP BY v.package_id, m.advisory_id
    ) each
) b ON true
WHERE h.id = o.id AND o.inventory_id = ANY(%(inventories)s)
