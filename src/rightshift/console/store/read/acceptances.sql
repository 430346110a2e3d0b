-- name: page
-- Those of the caller's teams, and those that decide on something in scope, whoever made them.
SELECT a.id, a.unit, a.ecosystem, a.package, a.advisory, a.reason, a.until, a.owner, a.created, a.ended,
    (
        SELECT count(*) FROM triage t
        WHERE t.by_id = a.id AND (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team x WHERE x.asset_id = t.unit_id AND x.team_id = ANY(%(teams)s)
        ))
    ) AS findings
FROM acceptance a
WHERE (%(teams)s::uuid[] IS NULL OR a.teams && %(teams)s::uuid[] OR EXISTS (
        SELECT FROM triage t
        JOIN asset_team x ON x.asset_id = t.unit_id AND x.team_id = ANY(%(teams)s)
        WHERE t.by_id = a.id
    ))
    AND (%(id)s::uuid IS NULL OR a.id = %(id)s)
    AND (%(ended)s OR (a.ended IS NULL AND a.until >= %(today)s::date))
    AND (%(after_until)s::date IS NULL OR (a.until, a.id) > (%(after_until)s::date, %(after_id)s::uuid))
ORDER BY a.until, a.id
LIMIT %(limit)s

-- name: statements
SELECT s.id, s.document, s.product, s.package, s.advisory, s.status, s.justification, s.said, s.author, s.created,
    (
        SELECT count(*) FROM triage t
        WHERE t.by_id = s.id AND (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team x WHERE x.asset_id = t.unit_id AND x.team_id = ANY(%(teams)s)
        ))
    ) AS findings
FROM vex_statement s
WHERE (%(teams)s::uuid[] IS NULL OR s.teams && %(teams)s::uuid[] OR EXISTS (
        SELECT FROM triage t
        JOIN asset_team x ON x.asset_id = t.unit_id AND x.team_id = ANY(%(teams)s)
        WHERE t.by_id = s.id
    ))
    AND (%(document)s::text IS NULL OR s.document = %(document)s)
    AND (%(after_document)s::text IS NULL OR (s.document, s.id) > (%(after_document)s, %(after_id)s::uuid))
ORDER BY s.document, s.id
LIMIT %(limit)s

-- name: finding
-- What an acceptance names so that it still holds after a rebuild: a repository in place of an image.
SELECT k.ecosystem, k.name AS package, d.name AS advisory,
    CASE
        WHEN u.kind = 'image' THEN coalesce(nullif(u.image, ''), u.name)
        WHEN u.namespace <> '' THEN u.namespace || '/' || u.name
        ELSE u.name
    END AS unit
FROM asset u, package k, advisory d
WHERE u.id = %(unit)s AND k.id = %(package)s AND d.id = %(advisory)s
    AND (%(teams)s::uuid[] IS NULL OR EXISTS (
        SELECT FROM asset_team t WHERE t.asset_id = u.id AND t.team_id = ANY(%(teams)s)
    ))
    AND EXISTS (
        SELECT FROM holder h
        JOIN package_version v ON v.package_id = k.id
        JOIN inventory_package i ON i.inventory_id = h.inventory_id AND i.package_version_id = v.id
        JOIN match m ON m.package_version_id = v.id AND m.advisory_id = d.id
        WHERE h.unit_id = u.id
    )
