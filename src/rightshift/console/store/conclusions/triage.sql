-- name: wished
SELECT EXISTS (SELECT FROM acceptance) OR EXISTS (SELECT FROM vex_statement) OR EXISTS (SELECT FROM triage)

-- name: accepted
-- A pattern's `*` and `?` as SQL writes them; what SQL's own signs are stands for itself.
WITH wish AS (
    SELECT *, ARRAY[advisory, upper(advisory)] AS spelled, (until + 1)::timestamp AT TIME ZONE 'UTC' AS ends,
        replace(replace(replace(replace(replace(lower(unit), '\', '\\'), '%%', '\%%'), '_', '\_'), '*', '%%'), '?', '_')
            AS pattern
    FROM acceptance
    WHERE ended IS NULL AND until >= %(today)s
), named AS (
    SELECT w.id, d.id AS advisory_id FROM wish w JOIN advisory d ON d.name = ANY(w.spelled)
    UNION
    SELECT w.id, d.id FROM wish w JOIN advisory d ON d.aliases && w.spelled
)
SELECT DISTINCT ON (h.unit_id, v.package_id, n.advisory_id)
    h.unit_id, v.package_id, n.advisory_id, 'accepted', w.id, w.ends
FROM named n
JOIN wish w USING (id)
JOIN match m ON m.advisory_id = n.advisory_id
JOIN package_version v ON v.id = m.package_version_id
JOIN package p ON p.id = v.package_id
    AND (w.package = '' OR lower(p.name) = lower(w.package)) AND (w.ecosystem = '' OR p.ecosystem = w.ecosystem)
JOIN inventory_package i ON i.package_version_id = v.id
JOIN holder h ON h.inventory_id = i.inventory_id AND (%(units)s::integer[] IS NULL OR h.unit_id = ANY(%(units)s))
JOIN asset u ON u.id = h.unit_id
    AND (w.unit = '' OR lower(u.name) LIKE w.pattern OR lower(u.image) LIKE w.pattern
        OR lower(u.namespace || '/' || u.name) LIKE w.pattern)
WHERE w.teams IS NULL OR EXISTS (SELECT FROM asset_team t WHERE t.asset_id = u.id AND t.team_id = ANY(w.teams))
ORDER BY h.unit_id, v.package_id, n.advisory_id, w.ends DESC, w.id

-- name: statements
SELECT s.id, s.product, s.package, array_agg(d.id), s.status, s.said, s.created
FROM vex_statement s
JOIN advisory d ON d.name IN (s.advisory, upper(s.advisory)) OR d.aliases && ARRAY[s.advisory, upper(s.advisory)]
GROUP BY s.id
ORDER BY s.created, s.id

-- name: held
SELECT h.unit_id, h.inventory_id, v.package_id, v.id, m.advisory_id, array_agg(DISTINCT s.id)
FROM vex_statement s
JOIN advisory d ON d.name IN (s.advisory, upper(s.advisory)) OR d.aliases && ARRAY[s.advisory, upper(s.advisory)]
JOIN match m ON m.advisory_id = d.id
JOIN package_version v ON v.id = m.package_version_id
JOIN inventory_package i ON i.package_version_id = v.id
JOIN holder h ON h.inventory_id = i.inventory_id AND (%(units)s::integer[] IS NULL OR h.unit_id = ANY(%(units)s))
WHERE s.teams IS NULL OR EXISTS (SELECT FROM asset_team t WHERE t.asset_id = h.unit_id AND t.team_id = ANY(s.teams))
GROUP BY h.unit_id, h.inventory_id, v.package_id, v.id, m.advisory_id

-- name: known
SELECT a.inventory_id, a.key, a.name, a.attributes,
    ARRAY(SELECT x.key FROM asset_alias x WHERE x.asset_id = a.id ORDER BY x.key)
FROM asset a
WHERE a.kind = 'image' AND a.inventory_id = ANY(%(ids)s)
ORDER BY a.inventory_id, a.id

-- name: drop
DELETE FROM triage t
WHERE (%(scope)s::integer[] IS NULL OR t.unit_id = ANY(%(scope)s)) AND NOT EXISTS (
    SELECT FROM unnest(%(units)s::integer[], %(packages)s::integer[], %(advisories)s::integer[])
        AS given(unit_id, package_id, advisory_id)
    WHERE given.unit_id = t.unit_id AND given.package_id = t.package_id AND given.advisory_id = t.advisory_id
)

-- name: put
INSERT INTO triage AS t (unit_id, package_id, advisory_id, state, by_id, until)
SELECT * FROM unnest(%(units)s::integer[], %(packages)s::integer[], %(advisories)s::integer[], %(states)s::text[],
    %(by)s::uuid[], %(until)s::timestamptz[])
ON CONFLICT (unit_id, package_id, advisory_id) DO UPDATE
SET state = excluded.state, by_id = excluded.by_id, until = excluded.until
WHERE (t.state, t.by_id, t.until) IS DISTINCT FROM (excluded.state, excluded.by_id, excluded.until)

-- name: sort
-- Where each is counted among the findings of its unit: by the one with most points, of equal ones the first.
WITH best AS (
    SELECT t.unit_id, t.package_id, t.advisory_id, max(
        ((32768 + m.points + h.exposure[m.class] + h.context + coalesce(s.points, 0)
            + CASE WHEN m.weight > 0 THEN h.privileges[m.weight] ELSE 0 END)::bigint << 40)
        | ((2147483647 - m.package_version_id)::bigint << 8)
        | (m.severity * 4 + m.kev::integer * 2 + m.fixable::integer)
    ) AS packed
    FROM triage t
    LEFT JOIN (
        holder h
        JOIN inventory_package p ON p.inventory_id = h.inventory_id
        JOIN match m ON m.package_version_id = p.package_version_id
        JOIN package_version v ON v.id = m.package_version_id
        LEFT JOIN holder_use s ON s.package_version_id = m.package_version_id AND s.holder_id = h.id
    ) ON h.unit_id = t.unit_id AND v.package_id = t.package_id AND m.advisory_id = t.advisory_id
    WHERE %(scope)s::integer[] IS NULL OR t.unit_id = ANY(%(scope)s)
    GROUP BY 1, 2, 3
), sorted AS (
    SELECT *, (1 + 8 * ((packed >> 2) & 7) + 4 * (packed & 1)
        + width_bucket((packed >> 40) - 32768, %(edges)s::bigint[]) + 50 * (packed & 2))::smallint AS cell
    FROM best
)
UPDATE triage t
SET cell = s.cell
FROM sorted s
WHERE (s.unit_id, s.package_id, s.advisory_id) = (t.unit_id, t.package_id, t.advisory_id)
    AND t.cell IS DISTINCT FROM s.cell
