-- name: held
-- Where in the unit it is: each version of the package in each of its inventories, the best first.
SELECT m.points + h.exposure[m.class] + h.context + coalesce(s.points, 0)
        + CASE WHEN m.weight > 0 THEN h.privileges[m.weight] ELSE 0 END AS points,
    m.points AS own, h.exposure[m.class] AS exposure, h.context AS context, coalesce(s.points, 0) AS use,
    CASE WHEN m.weight > 0 THEN h.privileges[m.weight] ELSE 0 END AS privileges,
    v.version, v.purl, encode(n.digest, 'hex') AS inventory, h.assets, h.running, h.since, i.state, i.origin,
    i.locations[1:50] AS locations, i.layer, m.fixed, m.rule, m.records, m.vector, m.first_seen, m.evidence,
    coalesce((
        SELECT a.image FROM asset a
        WHERE a.unit_id = h.unit_id AND a.inventory_id = h.inventory_id AND a.image <> '' AND a.gone IS NULL
        ORDER BY a.id LIMIT 1
    ), '') AS image
FROM holder h
JOIN inventory n ON n.id = h.inventory_id
JOIN package_version v ON v.package_id = %(package)s
JOIN inventory_package i ON i.inventory_id = h.inventory_id AND i.package_version_id = v.id
JOIN match m ON m.package_version_id = v.id AND m.advisory_id = %(advisory)s
LEFT JOIN holder_use s ON s.package_version_id = v.id AND s.holder_id = h.id
WHERE h.unit_id = %(unit)s
ORDER BY 1 DESC, v.id, h.inventory_id
LIMIT 100

-- name: elsewhere
-- Other units in scope that hold the same package with the same advisory.
SELECT count(*) OVER () AS total, u.id, u.uid, u.kind, u.name, u.cluster, u.namespace
FROM asset u
WHERE u.id <> %(unit)s
    AND (%(teams)s::uuid[] IS NULL OR EXISTS (
        SELECT FROM asset_team t WHERE t.asset_id = u.id AND t.team_id = ANY(%(teams)s)
    ))
    AND u.id IN (
        SELECT h.unit_id
        FROM package_version v
        JOIN match m ON m.package_version_id = v.id AND m.advisory_id = %(advisory)s
        JOIN inventory_package i ON i.package_version_id = v.id
        JOIN holder h ON h.inventory_id = i.inventory_id
        WHERE v.package_id = %(package)s
    )
ORDER BY u.name, u.id
LIMIT 50

-- name: decided
SELECT t.state, t.by_id AS by, t.until, coalesce(a.reason, s.justification) AS reason, coalesce(a.owner, s.author) AS owner
FROM triage t
LEFT JOIN acceptance a ON a.id = t.by_id
LEFT JOIN vex_statement s ON s.id = t.by_id
WHERE t.unit_id = %(unit)s AND t.package_id = %(package)s AND t.advisory_id = %(advisory)s
    AND (t.until IS NULL OR t.until > %(now)s)

-- name: history
-- When the unit began and ceased to hold it, and what was said of the match: the newest first.
SELECT * FROM (
    SELECT greatest(i.since, m.first_seen) AS at, 'held' AS what, v.version, a.name AS asset
    FROM asset a
    JOIN asset_inventory i ON i.asset_id = a.id
    JOIN package_version v ON v.package_id = %(package)s
    JOIN inventory_package p ON p.inventory_id = i.inventory_id AND p.package_version_id = v.id
    JOIN match m ON m.package_version_id = v.id AND m.advisory_id = %(advisory)s
    WHERE a.unit_id = %(unit)s
    UNION ALL
    SELECT i.until, 'left', v.version, a.name
    FROM asset a
    JOIN asset_inventory i ON i.asset_id = a.id
    JOIN package_version v ON v.package_id = %(package)s
    JOIN inventory_package p ON p.inventory_id = i.inventory_id AND p.package_version_id = v.id
    JOIN match m ON m.package_version_id = v.id AND m.advisory_id = %(advisory)s
    WHERE a.unit_id = %(unit)s AND i.until >= m.first_seen
    UNION ALL
    SELECT e.at, e.kind, v.version, ''
    FROM event e
    JOIN package_version v ON v.id = e.package_version_id
    WHERE e.advisory_id = %(advisory)s AND v.package_id = %(package)s AND EXISTS (
        SELECT FROM asset a
        JOIN asset_inventory i ON i.asset_id = a.id
        JOIN inventory_package p ON p.inventory_id = i.inventory_id AND p.package_version_id = v.id
        WHERE a.unit_id = %(unit)s
    )
) h
ORDER BY at DESC, what, version, asset
LIMIT 200
