-- name: page
-- Those that match something in scope, in the order of their names.
SELECT d.name, d.aliases, d.summary, d.published, w.*
FROM (
    SELECT * FROM advisory d
    WHERE (%(names)s::text[] IS NULL OR d.name = ANY(%(names)s) OR d.aliases && %(names)s::text[])
        AND (%(text)s::text IS NULL
            OR strpos(lower(concat_ws(' ', d.name, array_to_string(d.aliases, ' '), d.summary)), lower(%(text)s)) > 0)
        AND (%(after)s::text IS NULL OR d.name > %(after)s)
        -- those that can't be, whoever holds them, are not looked at one by one
        AND (%(kev)s::boolean IS NOT TRUE OR d.id IN (SELECT x.advisory_id FROM match x WHERE x.kev))
        AND (%(severities)s::smallint[] IS NULL OR d.id IN (
            SELECT x.advisory_id FROM match x WHERE x.severity = ANY(%(severities)s)
        ))
) d
CROSS JOIN LATERAL (
    SELECT max(m.severity) AS severity, max(m.epss) AS epss, coalesce(bool_or(m.kev), false) AS kev,
        coalesce(bool_or(m.ransomware), false) AS ransomware, coalesce(bool_or(m.fixable), false) AS fixable,
        count(DISTINCT m.package_version_id) AS package_versions, min(m.first_seen) AS first_seen
    FROM match m
    WHERE m.advisory_id = d.id
        AND EXISTS (
            SELECT FROM inventory_package i
            JOIN holder h ON h.inventory_id = i.inventory_id
            WHERE i.package_version_id = m.package_version_id
                AND (%(teams)s::uuid[] IS NULL OR EXISTS (
                    SELECT FROM asset_team t WHERE t.asset_id = h.unit_id AND t.team_id = ANY(%(teams)s)
                ))
        )
) w
WHERE w.package_versions > 0
    AND (%(kev)s::boolean IS NULL OR w.kev = %(kev)s)
    AND (%(severities)s::smallint[] IS NULL OR w.severity = ANY(%(severities)s))
ORDER BY d.name
LIMIT %(limit)s

-- name: affected
SELECT k.ecosystem, k.name, v.version, v.purl, m.points, m.fixed, m.rule, m.records, m.certain, w.units
FROM advisory d
JOIN match m ON m.advisory_id = d.id
JOIN package_version v ON v.id = m.package_version_id
JOIN package k ON k.id = v.package_id
CROSS JOIN LATERAL (
    SELECT count(DISTINCT h.unit_id) AS units
    FROM inventory_package i
    JOIN holder h ON h.inventory_id = i.inventory_id
    WHERE i.package_version_id = v.id
        AND (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = h.unit_id AND t.team_id = ANY(%(teams)s)
        ))
) w
WHERE d.name = %(name)s AND w.units > 0
ORDER BY w.units DESC, k.name, v.version, v.purl
LIMIT %(limit)s
