-- name: page
SELECT s.id, s.name, s.job, s.source_id AS source, s.cron, s.zone, s.enabled, s.next_run, s.last_run, s.version,
    s.created, s.created_by
FROM schedule s
WHERE (%(teams)s::uuid[] IS NULL OR s.teams && %(teams)s::uuid[])
    AND (%(id)s::uuid IS NULL OR s.id = %(id)s)
    AND (%(name)s::text IS NULL OR (s.name, s.id) > (%(name)s, %(last)s))
ORDER BY s.name, s.id
LIMIT %(limit)s
