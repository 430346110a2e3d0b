-- name: sorted
-- Every match in every holder, written down and sorted: slow, and so simple that it is right.
SELECT points, unit_id, package_id, advisory_id FROM (
    SELECT *, row_number() OVER (
        PARTITION BY unit_id, package_id, advisory_id ORDER BY points DESC, package_version_id, inventory_id
    ) AS place
    FROM (
        SELECT h.unit_id, h.inventory_id, v.package_id, m.package_version_id, m.advisory_id,
            m.points + h.exposure[m.class] + h.context
                + CASE m.weight WHEN 0 THEN 0 WHEN 1 THEN h.privileges[1] ELSE h.privileges[2] END
                + coalesce((
                    SELECT s.points FROM holder_use s
                    WHERE s.holder_id = h.id AND s.package_version_id = m.package_version_id
                ), 0) AS points
        FROM holder h
        JOIN asset u ON u.id = h.unit_id
        JOIN inventory_package i ON i.inventory_id = h.inventory_id
        JOIN match m ON m.package_version_id = i.package_version_id
        JOIN package_version v ON v.id = m.package_version_id
        JOIN package k ON k.id = v.package_id
        JOIN advisory d ON d.id = m.advisory_id
        WHERE ({members})
    ) every
) best
WHERE place = 1 AND ({rows})
ORDER BY points DESC, package_version_id, advisory_id, unit_id, inventory_id
