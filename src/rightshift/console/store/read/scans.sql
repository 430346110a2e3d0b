-- name: page
SELECT s.id AS number, s.document_id AS id, s.received, s.made, s.format, s.kind || ':' || s.key AS subject,
    a.uid AS asset, s.name, encode(i.digest, 'hex') AS inventory, i.packages, s.partial, s.tool, s.tool_version,
    s.catalogue, s.sent_by, jsonb_array_length(s.gaps) AS gaps
FROM scan s
JOIN inventory i ON i.id = s.inventory_id
LEFT JOIN asset a ON a.id = coalesce(
    (SELECT x.id FROM asset x WHERE x.kind = s.kind AND x.key = s.key),
    (SELECT x.asset_id FROM asset_alias x WHERE x.kind = s.kind AND x.key = s.key)
)
WHERE (%(teams)s::uuid[] IS NULL OR EXISTS (
        SELECT FROM asset_team t WHERE t.asset_id = a.id AND t.team_id = ANY(%(teams)s)
    ))
    AND (%(id)s::text IS NULL OR s.document_id = %(id)s)
    AND (%(asset)s::uuid IS NULL OR a.uid = %(asset)s)
    AND (%(inventory)s::text IS NULL OR i.digest = decode(%(inventory)s, 'hex'))
    AND (%(partial)s::boolean IS NULL OR s.partial = %(partial)s)
    AND (%(since)s::timestamptz IS NULL OR s.received >= %(since)s)
    AND (%(before)s::bigint IS NULL OR s.id < %(before)s)
ORDER BY s.id DESC
LIMIT %(limit)s

-- name: one
SELECT s.distro, s.layers, s.gaps, s.covered_elsewhere, s.notes
FROM scan s
WHERE s.document_id = %(id)s
