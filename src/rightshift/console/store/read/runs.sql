-- name: page
SELECT id, name AS job, state, attempt, doing, done, total, result, error, wished_by, source_id AS source,
    schedule_id AS schedule, created, started, ended, cancel AS cancelling
FROM job_run
WHERE (%(teams)s::uuid[] IS NULL OR teams && %(teams)s::uuid[])
    AND (%(id)s::uuid IS NULL OR id = %(id)s)
    AND (%(states)s::text[] = '{}' OR state = ANY(%(states)s))
    AND (%(jobs)s::text[] = '{}' OR name = ANY(%(jobs)s))
    AND (%(source)s::uuid IS NULL OR source_id = %(source)s)
    AND (%(created)s::timestamptz IS NULL OR (created, id) < (%(created)s, %(last)s))
ORDER BY created DESC, id DESC
LIMIT %(limit)s

-- name: log
SELECT id, at, line FROM job_log WHERE run_id = %(run)s AND id > %(after)s ORDER BY id LIMIT %(limit)s
