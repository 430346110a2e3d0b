-- name: page
SELECT e.id, e.at, e.kind, a.uid AS asset, a.kind AS asset_kind, a.name AS asset_name, v.purl, d.name AS advisory,
    e.detail
FROM event e
LEFT JOIN asset a ON a.id = e.asset_id
LEFT JOIN package_version v ON v.id = e.package_version_id
LEFT JOIN advisory d ON d.id = e.advisory_id
WHERE (%(teams)s::uuid[] IS NULL
        OR EXISTS (SELECT FROM asset_team t WHERE t.asset_id = e.asset_id AND t.team_id = ANY(%(teams)s))
        OR (e.asset_id IS NULL AND EXISTS (
            SELECT FROM inventory_package p
            JOIN holder h ON h.inventory_id = p.inventory_id
            JOIN asset_team t ON t.asset_id = h.unit_id AND t.team_id = ANY(%(teams)s)
            WHERE p.package_version_id = e.package_version_id
        ))
    )
    AND (%(kinds)s::text[] IS NULL OR e.kind = ANY(%(kinds)s))
    AND (%(asset)s::uuid IS NULL OR a.uid = %(asset)s)
    AND (%(advisories)s::text[] IS NULL OR e.advisory_id IN (
        SELECT x.id FROM advisory x WHERE x.name = ANY(%(advisories)s) OR x.aliases && %(advisories)s::text[]
    ))
    AND (%(since)s::timestamptz IS NULL OR e.at >= %(since)s)
    AND (%(before)s::bigint IS NULL OR e.id < %(before)s)
    AND (%(later_than)s::bigint IS NULL OR e.id > %(later_than)s)
ORDER BY e.id DESC
LIMIT %(limit)s
