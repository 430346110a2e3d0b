-- name: forget
DELETE FROM inventory_facet WHERE inventory_id = ANY(%(ids)s)

-- name: count
-- A package and an advisory are one, however many versions of the package lie there: the one with most points counts.
INSERT INTO inventory_facet (inventory_id, ecosystem, severity, kev, fixable, findings)
SELECT inventory_id, ecosystem, severity, kev, fixable, count(*)
FROM (
    SELECT DISTINCT ON (p.inventory_id, v.package_id, m.advisory_id)
        p.inventory_id, k.ecosystem, m.severity, m.kev, m.fixable
    FROM inventory_package p
    JOIN match m USING (package_version_id)
    JOIN package_version v ON v.id = p.package_version_id
    JOIN package k ON k.id = v.package_id
    WHERE p.inventory_id = ANY(%(ids)s)
    ORDER BY p.inventory_id, v.package_id, m.advisory_id, m.points DESC, p.package_version_id
) one
GROUP BY 1, 2, 3, 4, 5
