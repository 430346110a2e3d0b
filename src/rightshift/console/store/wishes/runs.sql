-- name: add
INSERT INTO job_run (name, arguments, wished_by, source_id, teams, lock, created)
VALUES (%(name)s, %(arguments)s::jsonb, %(by)s, %(source)s, %(teams)s::uuid[], %(lock)s, %(now)s)
ON CONFLICT (lock) WHERE state = 'waiting' AND attempt = 0 AND lock <> '' DO NOTHING
RETURNING id

-- name: waiting
SELECT id FROM job_run WHERE lock = %(lock)s AND state = 'waiting' AND attempt = 0

-- name: tell
SELECT pg_notify('wishes', '')

-- name: cancel
-- One that waits ends here; one that runs is ended by its worker.
UPDATE job_run
SET cancel = true,
    state = CASE WHEN state = 'waiting' THEN 'cancelled' ELSE state END,
    ended = CASE WHEN state = 'waiting' THEN %(now)s ELSE ended END
WHERE id = %(id)s AND state IN ('waiting', 'running') AND NOT cancel
    AND (%(teams)s::uuid[] IS NULL OR teams && %(teams)s::uuid[])
RETURNING name, job_id

-- name: abort
SELECT procrastinate_cancel_job_v1(%(job)s, true, true)
