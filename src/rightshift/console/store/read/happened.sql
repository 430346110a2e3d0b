-- name: ends
SELECT coalesce(min(id), 0) AS oldest, coalesce(max(id), 0) AS newest FROM event

-- name: since
-- What happened after an event, with the teams that may know of it: of a match, those of whoever holds the package.
SELECT e.id, e.at, e.kind, a.uid AS asset, a.kind AS asset_kind, a.name AS asset_name, v.purl, d.name AS advisory,
    e.detail, coalesce(d.aliases, '{}') AS aliases,
    array(
        SELECT t.team_id FROM asset_team t WHERE t.asset_id = e.asset_id
        UNION
        SELECT t.team_id
        FROM inventory_package p
        JOIN holder h ON h.inventory_id = p.inventory_id
        JOIN asset_team t ON t.asset_id = h.unit_id
        WHERE e.asset_id IS NULL AND p.package_version_id = e.package_version_id
    ) AS teams
FROM event e
LEFT JOIN asset a ON a.id = e.asset_id
LEFT JOIN package_version v ON v.id = e.package_version_id
LEFT JOIN advisory d ON d.id = e.advisory_id
WHERE e.id > %(last)s
ORDER BY e.id
LIMIT %(limit)s
