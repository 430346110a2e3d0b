-- name: versions
SELECT v.id, p.ecosystem, p.name, v.version, v.namespace, v.arch, v.source_name, v.source_version, v.distro,
    v.modularity, v.matchable
FROM package_version v
JOIN package p ON p.id = v.package_id
WHERE v.id = ANY(%(ids)s)
ORDER BY v.id

-- name: advisories
SELECT name, aliases, summary, published, asked, threat FROM advisory WHERE name = ANY(%(names)s)

-- name: prepare
CREATE TEMP TABLE IF NOT EXISTS found (
    package_version_id integer NOT NULL, name text NOT NULL, advisory_id integer,
    points smallint, class smallint, weight smallint, severity smallint,
    certain boolean, kev boolean, ransomware boolean, malicious boolean, ignored boolean, fixable boolean,
    epss real, vector text, fixed text[], records text[], judged text[], cves text[], rule text, evidence jsonb,
    turns date
) ON COMMIT DELETE ROWS

-- name: clear
TRUNCATE found

-- name: stage
COPY found (package_version_id, name, points, class, weight, severity, certain, kev, ransomware, malicious, ignored,
    fixable, epss, vector, fixed, records, judged, cves, rule, evidence, turns)
FROM STDIN

-- name: number
UPDATE found SET advisory_id = a.id FROM advisory a WHERE a.name = found.name

-- name: put_advisories
INSERT INTO advisory (name, aliases, summary, published, asked, threat)
SELECT name, aliases, summary, published, asked, threat
FROM jsonb_to_recordset(%(advisories)s) AS given(
    name text, aliases text[], summary text, published text, asked text[], threat bigint
)
ORDER BY name
ON CONFLICT (name) DO UPDATE
SET aliases = excluded.aliases, summary = excluded.summary, published = excluded.published, asked = excluded.asked,
    threat = excluded.threat
WHERE (advisory.aliases, advisory.summary, advisory.published, advisory.asked, advisory.threat)
    IS DISTINCT FROM (excluded.aliases, excluded.summary, excluded.published, excluded.asked, excluded.threat)

-- name: differing
-- Package versions of which anything is other, and whether it is something that inventories count.
SELECT package_version_id, bool_or(counts)
FROM (
    SELECT package_version_id,
        f.advisory_id IS NULL OR m.advisory_id IS NULL
        OR (f.points, f.class, f.weight, f.severity, f.kev, f.fixable)
            IS DISTINCT FROM (m.points, m.class, m.weight, m.severity, m.kev, m.fixable) AS counts
    FROM found f
    {known} m USING (package_version_id, advisory_id)
    WHERE (f.points, f.class, f.weight, f.severity, f.certain, f.kev, f.ransomware, f.malicious, f.ignored, f.fixable,
        f.epss, f.vector, f.fixed, f.records, f.judged, f.cves, f.rule, f.evidence, f.turns)
        IS DISTINCT FROM (m.points, m.class, m.weight, m.severity, m.certain, m.kev, m.ransomware, m.malicious,
            m.ignored, m.fixable, m.epss, m.vector, m.fixed, m.records, m.judged, m.cves, m.rule, m.evidence, m.turns)
) each
GROUP BY package_version_id

-- name: tell
-- A match is told of once, whoever holds it; of a probability that moved without moving points nobody is told.
INSERT INTO event (at, kind, package_version_id, advisory_id, detail)
SELECT %(now)s,
    CASE WHEN m.points IS NULL THEN 'match.new' WHEN f.points IS NULL THEN 'match.gone' ELSE 'match.changed' END,
    package_version_id, advisory_id,
    jsonb_strip_nulls(jsonb_build_object(
        'before', m.points, 'after', f.points,
        'severity_before', m.severity, 'severity', f.severity,
        'kev_before', m.kev, 'kev', f.kev,
        'fixable_before', m.fixable, 'fixable', f.fixable
    ))
FROM found f
{known} m USING (package_version_id, advisory_id)
JOIN matched USING (package_version_id)
WHERE (f.points, f.class, f.severity, f.certain, f.kev, f.ransomware, f.malicious, f.ignored, f.fixable)
    IS DISTINCT FROM (m.points, m.class, m.severity, m.certain, m.kev, m.ransomware, m.malicious, m.ignored, m.fixable)
ORDER BY package_version_id, advisory_id

-- name: every
FULL JOIN (SELECT * FROM match WHERE package_version_id = ANY(%(ids)s))

-- name: those
JOIN match

-- name: judged
SELECT a.id, m.package_version_id, a.name, m.records, m.judged, m.cves, m.rule, m.certain, m.ignored, m.fixed
FROM match m
JOIN advisory a ON a.id = m.advisory_id
WHERE m.advisory_id = ANY(%(ids)s)
ORDER BY a.id, m.package_version_id
LIMIT %(most)s

-- name: insert
-- A flaw that has another best name now was known before: by the records that say it.
INSERT INTO match (package_version_id, advisory_id, points, class, weight, severity, certain, kev, ransomware,
    malicious, ignored, fixable, epss, vector, fixed, records, judged, cves, rule, evidence, turns, first_seen)
SELECT f.package_version_id, f.advisory_id, f.points, f.class, f.weight, f.severity, f.certain, f.kev, f.ransomware,
    f.malicious, f.ignored, f.fixable, f.epss, f.vector, f.fixed, f.records, f.judged, f.cves, f.rule, f.evidence, f.turns,
    coalesce(
        (SELECT min(m.first_seen) FROM match m
         WHERE m.package_version_id = f.package_version_id AND m.records && f.records),
        %(now)s
    )
FROM found f
ON CONFLICT (package_version_id, advisory_id) DO NOTHING

-- name: update
UPDATE match m
SET points = f.points, class = f.class, weight = f.weight, severity = f.severity, certain = f.certain, kev = f.kev,
    ransomware = f.ransomware, malicious = f.malicious, ignored = f.ignored, fixable = f.fixable, epss = f.epss,
    vector = f.vector, fixed = f.fixed, records = f.records, judged = f.judged, cves = f.cves, rule = f.rule,
    evidence = f.evidence, turns = f.turns
FROM found f
WHERE m.package_version_id = f.package_version_id AND m.advisory_id = f.advisory_id
    AND (f.points, f.class, f.weight, f.severity, f.certain, f.kev, f.ransomware, f.malicious, f.ignored, f.fixable,
        f.epss, f.vector, f.fixed, f.records, f.judged, f.cves, f.rule, f.evidence, f.turns)
        IS DISTINCT FROM (m.points, m.class, m.weight, m.severity, m.certain, m.kev, m.ransomware, m.malicious,
            m.ignored, m.fixable, m.epss, m.vector, m.fixed, m.records, m.judged, m.cves, m.rule, m.evidence, m.turns)

-- name: delete
DELETE FROM match m
WHERE m.package_version_id = ANY(%(ids)s)
    AND NOT EXISTS (
        SELECT FROM found f WHERE f.package_version_id = m.package_version_id AND f.advisory_id = m.advisory_id
    )

-- name: inventories
SELECT DISTINCT inventory_id FROM inventory_package WHERE package_version_id = ANY(%(ids)s)

-- name: unseek
DELETE FROM looked_for WHERE package_version_id = ANY(%(ids)s)

-- name: seek
INSERT INTO looked_for (package_version_id, ecosystem, name, known, exploited)
SELECT DISTINCT ON (v, e, n) v, e, n, k, x
FROM unnest(%(versions)s::integer[], %(ecosystems)s::text[], %(names)s::text[], %(known)s::integer[],
    %(exploited)s::integer[]) AS given(v, e, n, k, x)

-- name: matched
INSERT INTO matched (package_version_id, lineage, generation)
SELECT unnest(%(ids)s::integer[]), %(lineage)s, %(generation)s
ON CONFLICT (package_version_id) DO UPDATE SET lineage = excluded.lineage, generation = excluded.generation
