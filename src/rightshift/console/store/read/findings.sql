-- name: shown
SELECT r.points, r.unit_id, r.package_id, r.advisory_id, d.name, d.aliases, d.summary, m.severity, m.kev, m.ransomware,
    m.malicious, m.ignored, m.fixable, m.certain, m.epss, m.vector, m.fixed, k.ecosystem, k.name, v.version, v.purl,
    u.uid, u.kind, u.name, u.cluster, u.namespace, u.workload, u.host,
    coalesce((
        SELECT a.image FROM asset a
        WHERE a.unit_id = r.unit_id AND a.inventory_id = r.inventory_id AND a.image <> '' AND a.gone IS NULL
        ORDER BY a.id LIMIT 1
    ), u.image),
    coalesce(h.assets, 0), h.running, greatest(m.first_seen, coalesce(h.since, b.since)),
    CASE WHEN h.id IS NULL THEN 'fixed' ELSE coalesce(t.state, 'open') END,
    CASE WHEN h.id IS NULL THEN b.until END
FROM unnest(
    %(r_points)s::integer[], %(r_versions)s::integer[], %(r_advisories)s::integer[], %(r_units)s::integer[],
    %(r_inventories)s::integer[], %(r_packages)s::integer[]
) WITH ORDINALITY r (points, package_version_id, advisory_id, unit_id, inventory_id, package_id, at)
JOIN match m ON m.package_version_id = r.package_version_id AND m.advisory_id = r.advisory_id
JOIN advisory d ON d.id = r.advisory_id
JOIN package_version v ON v.id = r.package_version_id
JOIN package k ON k.id = r.package_id
JOIN asset u ON u.id = r.unit_id
LEFT JOIN holder h ON h.unit_id = r.unit_id AND h.inventory_id = r.inventory_id
LEFT JOIN LATERAL (
    SELECT min(i.since) AS since, max(i.until) AS until
    FROM asset a
    JOIN asset_inventory i ON i.asset_id = a.id
    WHERE h.id IS NULL AND a.unit_id = r.unit_id AND i.inventory_id = r.inventory_id
) b ON true
LEFT JOIN triage t ON t.unit_id = r.unit_id AND t.package_id = r.package_id AND t.advisory_id = r.advisory_id
    AND (t.until IS NULL OR t.until > %(now)s)
ORDER BY r.at

-- name: all
-- Everything, for a file: the same rows as the list, sorted once by the database.
SELECT f.points, f.package_version_id, f.advisory_id, f.unit_id, f.inventory_id, f.package_id
FROM (
    SELECT DISTINCT ON (unit_id, package_id, advisory_id) *
    FROM found
    WHERE %(since)s::timestamptz IS NULL OR since >= %(since)s OR first_seen >= %(since)s
    ORDER BY unit_id, package_id, advisory_id, points DESC, package_version_id, inventory_id
) f
LEFT JOIN triage t ON t.unit_id = f.unit_id AND t.package_id = f.package_id AND t.advisory_id = f.advisory_id
    AND (t.until IS NULL OR t.until > %(now)s)
WHERE (%(points_min)s::integer IS NULL OR f.points >= %(points_min)s)
    AND (%(bands)s::integer[] IS NULL OR width_bucket(f.points, %(edges)s::integer[]) = ANY(%(bands)s))
    AND (%(state)s IN ('all', 'fixed') OR coalesce(t.state, 'open') = %(state)s)
ORDER BY f.points DESC, f.package_version_id, f.advisory_id, f.unit_id, f.inventory_id
