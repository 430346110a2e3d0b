-- name: derived
SELECT lineage, generation, threat FROM derived

-- name: take_up
UPDATE derived SET lineage = %(lineage)s, generation = %(generation)s, threat = %(threat)s, at = %(now)s

-- name: mark_all
INSERT INTO dirty (what, which) SELECT 'package_version', package_version_id FROM matched ORDER BY 2

-- name: mark_names
INSERT INTO dirty (what, which)
SELECT DISTINCT 'package_version', l.package_version_id
FROM unnest(%(ecosystems)s::text[], %(names)s::text[]) AS given(ecosystem, name)
JOIN looked_for l USING (ecosystem, name)
ORDER BY 2

-- name: mark_asking
WITH given AS MATERIALIZED (
    SELECT DISTINCT unnest(%(ids)s::text[]) AS name
), touched AS (
    UPDATE advisory SET asked = '{}', aliases = '{}', threat = 0
    WHERE id IN (SELECT a.id FROM advisory a CROSS JOIN unnest(a.asked) AS one JOIN given g ON g.name = one)
    RETURNING id
)
INSERT INTO dirty (what, which)
SELECT DISTINCT 'package_version', m.package_version_id FROM match m JOIN touched t ON t.id = m.advisory_id ORDER BY 2

-- name: asking
SELECT id, asked, threat FROM advisory WHERE id > %(last)s AND asked <> '{}' ORDER BY id LIMIT %(page)s

-- name: mark_threats
WITH changed AS (
    UPDATE advisory a SET threat = given.threat
    FROM unnest(%(ids)s::integer[], %(threats)s::bigint[]) AS given(id, threat)
    WHERE a.id = given.id
    RETURNING a.id
)
INSERT INTO dirty (what, which)
SELECT 'advisory', c.id FROM changed c WHERE EXISTS (SELECT FROM match m WHERE m.advisory_id = c.id) ORDER BY 2

-- name: sought
SELECT ecosystem, name, min(known), min(exploited)
FROM looked_for l
WHERE EXISTS (SELECT FROM match m WHERE m.package_version_id = l.package_version_id)
GROUP BY ecosystem, name

-- name: mark_turned
INSERT INTO dirty (what, which)
SELECT DISTINCT 'package_version', package_version_id FROM match WHERE turns <= %(today)s ORDER BY 2
