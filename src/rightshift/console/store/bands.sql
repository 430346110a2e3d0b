-- name: recount
-- One row of a list is counted once in each holder: of several versions of a package the one with most points.
-- Holders of one inventory that add the same are counted once for all; a thousand images may hold the same.
WITH one AS MATERIALIZED (
    SELECT h.id, h.inventory_id, h.exposure, h.privileges, h.context,
        CASE WHEN EXISTS (SELECT FROM holder_use u WHERE u.holder_id = h.id) THEN h.id ELSE 0 END AS used
    FROM holder h
    WHERE h.inventory_id = ANY(%(inventories)s)
), o AS MATERIALIZED (
    SELECT DISTINCT inventory_id, exposure, privileges, context, used FROM one
), counted AS MATERIALIZED (
    SELECT o.*, b.bands
    FROM o
    CROSS JOIN LATERAL (
        SELECT ARRAY[
            count(*) FILTER (WHERE points >= %(now)s),
            count(*) FILTER (WHERE points >= %(soon)s AND points < %(now)s),
            count(*) FILTER (WHERE points >= %(plan)s AND points < %(soon)s),
            count(*) FILTER (WHERE points < %(plan)s)
        ]::integer[] AS bands
        FROM (
            SELECT max(
                m.points + o.exposure[m.class] + o.context + coalesce(u.points, 0)
                + CASE WHEN m.weight > 0 THEN o.privileges[m.weight] ELSE 0 END
            ) AS points
            FROM inventory_package p
            JOIN match m ON m.package_version_id = p.package_version_id
            JOIN package_version v ON v.id = p.package_version_id
            LEFT JOIN holder_use u ON u.package_version_id = p.package_version_id AND u.holder_id = o.used
            WHERE p.inventory_id = o.inventory_id
            GROUP BY v.package_id, m.advisory_id
        ) each
    ) b
)
UPDATE holder h
SET bands = c.bands
FROM one, counted c
WHERE h.id = one.id
    AND (c.inventory_id, c.used, c.context) = (one.inventory_id, one.used, one.context)
    AND c.exposure = one.exposure AND c.privileges = one.privileges
    AND h.bands IS DISTINCT FROM c.bands
