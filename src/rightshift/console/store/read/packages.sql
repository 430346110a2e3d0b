-- name: wanted
-- Which package versions `k`, `v` are meant. A name is the whole one, in its spellings, or the last part of it.
(%(name)s::text IS NULL
    OR package_spelling(k.ecosystem, k.name) = %(name)s
    OR package_last(k.ecosystem, k.name) = %(name)s
    OR package_spelling(k.ecosystem, k.name) = %(pypi)s AND k.ecosystem = 'pypi')
AND (%(ecosystems)s::text[] IS NULL OR k.ecosystem = ANY(%(ecosystems)s))
AND (%(purl)s::text IS NULL OR v.purl = %(purl)s)
AND (%(exactly)s::text IS NULL OR v.version = %(exactly)s)
AND (%(begins)s::text IS NULL OR starts_with(v.version, %(begins)s))
-- epochs and the v of Go may be left out
AND (%(below)s::text IS NULL OR EXISTS (
    SELECT FROM (VALUES (v.version), (regexp_replace(v.version, '^([0-9]+:|v)', ''))) x (version)
    WHERE starts_with(x.version, %(below)s) AND substr(x.version, length(%(below)s) + 1, 1) !~ '[0-9]'
))
AND (%(ids)s::integer[] IS NULL OR v.id = ANY(%(ids)s))

-- name: versions
-- All versions of what is meant, for who compares them as their ecosystem does.
SELECT v.id, k.ecosystem, v.version
FROM package k
JOIN package_version v ON v.package_id = k.id
WHERE {wanted}

-- name: page
-- One row a package version that somebody in scope holds. Who holds it is counted for the rows that are shown.
WITH page AS MATERIALIZED (
    SELECT k.ecosystem, k.name, v.*
    FROM package k
    JOIN package_version v ON v.package_id = k.id
    WHERE EXISTS (
            SELECT FROM inventory_package i
            JOIN holder h ON h.inventory_id = i.inventory_id
            WHERE i.package_version_id = v.id
                AND (%(teams)s::uuid[] IS NULL OR EXISTS (
                    SELECT FROM asset_team t WHERE t.asset_id = h.unit_id AND t.team_id = ANY(%(teams)s)
                ))
        )
        AND {wanted}
        AND (%(text)s::text IS NULL OR strpos(lower(k.name), lower(%(text)s)) > 0)
        AND (%(after_ecosystem)s::text IS NULL
            OR (k.ecosystem, k.name, v.version, v.id) > (
                %(after_ecosystem)s, %(after_name)s, %(after_version)s, %(after_id)s::integer
            ))
    ORDER BY k.ecosystem, k.name, v.version, v.id
    LIMIT %(limit)s
)
SELECT v.ecosystem, v.name, v.version, v.purl, v.id AS version_id, v.arch, v.source_name AS source, w.units, w.hosts,
    w.images, (SELECT count(*) FROM match m WHERE m.package_version_id = v.id) AS advisories
FROM page v
CROSS JOIN LATERAL (
    SELECT count(DISTINCT u.id) AS units, count(DISTINCT u.id) FILTER (WHERE u.kind = 'host') AS hosts,
        count(DISTINCT h.inventory_id) FILTER (WHERE u.kind <> 'host') AS images
    FROM inventory_package i
    JOIN holder h ON h.inventory_id = i.inventory_id
    JOIN asset u ON u.id = h.unit_id
    WHERE i.package_version_id = v.id
        AND (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = u.id AND t.team_id = ANY(%(teams)s)
        ))
) w
ORDER BY v.ecosystem, v.name, v.version, v.id

-- name: places
-- Where a package is: one row a package version, unit and inventory.
SELECT k.ecosystem, k.name, v.version, v.purl, u.uid AS unit, u.kind AS unit_kind, u.name AS unit_name, u.cluster,
    u.namespace, u.host,
    coalesce((
        SELECT a.image FROM asset a
        WHERE a.unit_id = h.unit_id AND a.inventory_id = h.inventory_id AND a.image <> '' AND a.gone IS NULL
        ORDER BY a.id LIMIT 1
    ), u.image) AS image,
    encode(n.digest, 'hex') AS inventory, h.assets, h.running, i.state, i.locations[1:20] AS locations, h.since,
    h.id AS holder, v.id AS version_id
FROM package k
JOIN package_version v ON v.package_id = k.id
JOIN inventory_package i ON i.package_version_id = v.id
JOIN holder h ON h.inventory_id = i.inventory_id
JOIN inventory n ON n.id = h.inventory_id
JOIN asset u ON u.id = h.unit_id
WHERE (%(teams)s::uuid[] IS NULL OR EXISTS (
        SELECT FROM asset_team t WHERE t.asset_id = u.id AND t.team_id = ANY(%(teams)s)
    ))
    AND {wanted}
    AND (%(after_holder)s::integer IS NULL OR (h.id, v.id) > (%(after_holder)s, %(after_version_id)s::integer))
ORDER BY h.id, v.id
LIMIT %(limit)s

-- name: inventories
SELECT encode(n.digest, 'hex') AS digest, n.packages, n.created, w.units,
    coalesce((
        SELECT f.total FROM facet f WHERE f.inventory_id = n.id AND f.ecosystem = '' ORDER BY f.id LIMIT 1
    ), 0) AS findings
FROM inventory n
CROSS JOIN LATERAL (
    SELECT count(*) AS units
    FROM holder h
    WHERE h.inventory_id = n.id
        AND (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = h.unit_id AND t.team_id = ANY(%(teams)s)
        ))
) w
WHERE (w.units > 0 OR %(teams)s::uuid[] IS NULL OR EXISTS (
        SELECT FROM asset_inventory x
        JOIN asset_team t ON t.asset_id = x.asset_id
        WHERE x.inventory_id = n.id AND t.team_id = ANY(%(teams)s)
    ))
    AND (%(digest)s::text IS NULL OR n.digest = decode(%(digest)s, 'hex'))
    AND (%(after)s::text IS NULL OR n.digest > decode(%(after)s, 'hex'))
ORDER BY n.digest
LIMIT %(limit)s

-- name: contents
SELECT k.ecosystem, k.name, v.version, v.purl, v.id AS version_id, v.arch, v.source_name AS source, i.state, i.origin, i.evidence,
    i.locations[1:100] AS locations, i.licenses, i.layer, i.dev, i.optional,
    (SELECT count(*) FROM match m WHERE m.package_version_id = v.id) AS advisories
FROM inventory n
JOIN inventory_package i ON i.inventory_id = n.id
JOIN package_version v ON v.id = i.package_version_id
JOIN package k ON k.id = v.package_id
WHERE n.digest = decode(%(digest)s, 'hex')
    AND (%(text)s::text IS NULL OR strpos(lower(k.name), lower(%(text)s)) > 0)
    AND {wanted}
    AND (%(after_ecosystem)s::text IS NULL
        OR (k.ecosystem, k.name, v.version, v.id) > (
            %(after_ecosystem)s, %(after_name)s, %(after_version)s, %(after_id)s::integer
        ))
ORDER BY k.ecosystem, k.name, v.version, v.id
LIMIT %(limit)s
