-- name: rises
-- By how much a match has more points than before the first event since then; one without points then is told by when
-- it was first seen.
SELECT DISTINCT ON (v.purl, d.name) v.purl, d.name, m.points - (e.detail ->> 'before')::integer
FROM advisory d
JOIN event e ON e.advisory_id = d.id
JOIN package_version v ON v.id = e.package_version_id
JOIN match m ON m.package_version_id = v.id AND m.advisory_id = d.id
WHERE d.name = ANY(%(advisories)s) AND v.purl = ANY(%(purls)s) AND e.at >= %(since)s
    AND e.kind = 'match.changed' AND e.detail ? 'before'
ORDER BY v.purl, d.name, e.id
