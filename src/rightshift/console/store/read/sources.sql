-- name: page
SELECT s.id, s.name, s.reference, s.ecosystems, s.version, s.created, s.created_by, r.id AS last_run,
    r.state AS last_state, r.ended AS last_ended
FROM source s
LEFT JOIN LATERAL (
    SELECT id, state, ended FROM job_run WHERE source_id = s.id ORDER BY created DESC LIMIT 1
) r ON true
WHERE (%(teams)s::uuid[] IS NULL OR s.teams && %(teams)s::uuid[])
    AND (%(id)s::uuid IS NULL OR s.id = %(id)s)
    AND (%(name)s::text IS NULL OR (s.name, s.id) > (%(name)s, %(last)s))
ORDER BY s.name, s.id
LIMIT %(limit)s
