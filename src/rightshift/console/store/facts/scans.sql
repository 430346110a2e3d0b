-- name: add_reporter
INSERT INTO reporter (key, kind, name, wants_full) VALUES ('scans', 'scans', 'Scans', false) ON CONFLICT DO NOTHING

-- name: reporter
SELECT id FROM reporter WHERE key = 'scans'

-- name: of_others
-- One row where there is such an asset, and none of these teams has it.
SELECT 1 FROM asset a
WHERE a.kind = %(kind)s AND a.key = %(key)s
    AND NOT EXISTS (SELECT FROM asset_team t WHERE t.asset_id = a.id AND t.team_id = ANY(%(teams)s::uuid[]))

-- name: known_scan
SELECT s.id, s.kind, s.key, i.digest FROM scan s JOIN inventory i ON i.id = s.inventory_id
WHERE s.document_id = %(document)s

-- name: add_inventory
INSERT INTO inventory (digest, packages) VALUES (%(digest)s, %(packages)s) ON CONFLICT DO NOTHING RETURNING id

-- name: inventory
SELECT id FROM inventory WHERE digest = %(digest)s

-- name: versions
SELECT key, id FROM package_version WHERE key = ANY(%(keys)s::bytea[])

-- name: add_packages
INSERT INTO package (ecosystem, name)
SELECT * FROM unnest(%(ecosystems)s::text[], %(names)s::text[])
ON CONFLICT DO NOTHING

-- name: add_versions
INSERT INTO package_version (key, package_id, version, purl, namespace, arch, source_name, source_version, distro,
    modularity, matchable)
SELECT n.key, p.id, n.version, n.purl, n.namespace, n.arch, n.source_name, n.source_version, n.distro::jsonb,
    n.modularity, n.matchable
FROM unnest(%(keys)s::bytea[], %(ecosystems)s::text[], %(names)s::text[], %(versions)s::text[], %(purls)s::text[],
    %(namespaces)s::text[], %(arches)s::text[], %(source_names)s::text[], %(source_versions)s::text[],
    %(distros)s::text[], %(modularities)s::text[], %(matchable)s::boolean[])
    AS n(key, ecosystem, name, version, purl, namespace, arch, source_name, source_version, distro, modularity,
        matchable)
JOIN package p ON p.ecosystem = n.ecosystem AND p.name = n.name
ORDER BY n.key
ON CONFLICT DO NOTHING
RETURNING key, id

-- name: copy_packages
COPY inventory_package (inventory_id, package_version_id, state, origin, evidence, owner, locations, licenses, layer,
    dev, optional) FROM STDIN

-- name: add_scan
INSERT INTO scan (document_id, reporter_id, sent_by, received, made, format, kind, key, name, inventory_id, partial,
    tool, tool_version, catalogue, distro, layers, gaps, covered_elsewhere, notes)
VALUES (%(document)s, %(reporter)s, %(sent_by)s, %(now)s, %(made)s, %(format)s, %(kind)s, %(key)s, %(name)s,
    %(inventory)s, %(partial)s, %(tool)s, %(tool_version)s, %(catalogue)s, %(distro)s::jsonb, %(layers)s::jsonb,
    %(gaps)s::jsonb, %(covered)s::jsonb, %(notes)s::jsonb)
RETURNING id

-- name: put_asset
INSERT INTO asset_fact (reporter_id, kind, key, attributes, mark, first_seen, last_seen)
VALUES (%(reporter)s, %(kind)s, %(key)s, %(attributes)s::jsonb, 0, %(made)s, %(made)s)
ON CONFLICT (reporter_id, kind, key) DO UPDATE
SET attributes = CASE WHEN excluded.last_seen >= asset_fact.last_seen THEN excluded.attributes
        ELSE asset_fact.attributes END,
    first_seen = least(asset_fact.first_seen, excluded.first_seen),
    last_seen = greatest(asset_fact.last_seen, excluded.last_seen), ended = NULL

-- name: mark
INSERT INTO dirty (what, which, kind, key)
SELECT 'package_version', which, '', '' FROM unnest(%(versions)s::bigint[]) which
UNION ALL SELECT 'inventory', %(inventory)s, '', '' WHERE %(inventory)s > 0
UNION ALL SELECT 'asset', 0, %(kind)s, %(key)s
UNION ALL SELECT 'scan', %(scan)s, '', ''

-- name: tell
SELECT pg_notify('dirty', '')
