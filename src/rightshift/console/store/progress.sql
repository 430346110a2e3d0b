-- name: send
-- Runs that were wished become jobs of the queue, each once, whoever sends them.
WITH wished AS (
    SELECT id, name, lock FROM job_run
    WHERE state = 'waiting' AND job_id IS NULL
    ORDER BY created LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE job_run r
SET job_id = (procrastinate_defer_jobs_v1(ARRAY[ROW(
    'jobs', 'run', 0, nullif(w.lock, ''), NULL, jsonb_build_object('run', w.id), NULL
)::procrastinate_job_to_defer_v1]))[1]
FROM wished w WHERE r.id = w.id
RETURNING r.id

-- name: wish
INSERT INTO job_run (name, arguments, wished_by, source_id, schedule_id, teams, lock, created)
VALUES (%(name)s, %(arguments)s::jsonb, %(by)s, %(source)s, %(schedule)s, %(teams)s::uuid[], %(lock)s, %(now)s)
ON CONFLICT (lock) WHERE state = 'waiting' AND attempt = 0 AND lock <> '' DO NOTHING
RETURNING id

-- name: take
SELECT pg_try_advisory_lock(hashtextextended('rightshift job ' || %(lock)s, 0))

-- name: look
SELECT name, lock, state, cancel, attempt FROM job_run WHERE id = %(id)s

-- name: begin
UPDATE job_run
SET state = 'running', attempt = attempt + 1, started = coalesce(started, %(now)s), done = 0, total = NULL, doing = ''
WHERE id = %(id)s AND state IN ('waiting', 'running') AND NOT cancel
RETURNING name, arguments::text, attempt, wished_by, created

-- name: doing
UPDATE job_run SET doing = %(doing)s, done = %(done)s, total = %(total)s WHERE id = %(id)s AND state = 'running'

-- name: log
-- Only so many lines are kept of a run.
INSERT INTO job_log (run_id, at, line)
SELECT %(id)s, %(now)s, line FROM unnest(%(lines)s::text[]) line
WHERE (SELECT count(*) FROM job_log WHERE run_id = %(id)s) < %(most)s
    AND EXISTS (SELECT FROM job_run WHERE id = %(id)s)

-- name: wait
UPDATE job_run SET state = 'waiting', error = %(error)s, doing = '' WHERE id = %(id)s AND state = 'running'

-- name: end
UPDATE job_run
SET state = %(state)s, error = %(error)s, result = %(result)s::jsonb, doing = '', ended = %(now)s
WHERE id = %(id)s AND state IN ('waiting', 'running')

-- name: dead
-- Jobs whose worker has not been heard of for that long, or is gone.
SELECT j.id, r.id, r.name, coalesce(r.attempt, 0), coalesce(r.cancel, true), coalesce(r.state, '')
FROM procrastinate_jobs j
LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
LEFT JOIN job_run r ON r.job_id = j.id
WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < now() - %(lease)s::interval)
FOR UPDATE OF j SKIP LOCKED

-- name: heard
-- Also who was forgotten is not heard of.
SELECT EXISTS (
    SELECT FROM procrastinate_workers WHERE id = %(worker)s AND last_heartbeat >= now() - %(within)s::interval
)

-- name: give_back
SELECT procrastinate_retry_job_v2(%(job)s, now(), NULL, NULL, NULL),
    pg_notify('procrastinate_queue_v1#jobs', json_build_object('type', 'job_inserted', 'job_id', %(job)s::bigint)::text)

-- name: give_up
DELETE FROM procrastinate_jobs WHERE id = %(job)s AND status = 'doing'

-- name: known_document
SELECT EXISTS (SELECT FROM scan WHERE document_id = %(document)s)

-- name: tell
SELECT pg_notify(%(channel)s, '')

-- name: due
SELECT s.id, s.name, s.job, s.cron, s.zone, s.teams, c.id, c.reference, c.ecosystems, c.trusted
FROM schedule s LEFT JOIN source c ON c.id = s.source_id
WHERE s.enabled AND s.next_run <= %(now)s
ORDER BY s.next_run LIMIT %(limit)s
FOR UPDATE OF s SKIP LOCKED

-- name: ran
UPDATE schedule SET last_run = %(now)s, next_run = %(next)s WHERE id = %(id)s

-- name: next
SELECT min(next_run) FROM schedule WHERE enabled

-- name: installation
SELECT id FROM installation

-- name: begin_schedules
INSERT INTO setting (name, value) VALUES ('schedules_begun', 'true') ON CONFLICT DO NOTHING RETURNING name

-- name: begin_schedule
INSERT INTO schedule (name, job, source_id, cron, zone, next_run, created, created_by)
VALUES (%(name)s, %(job)s, (SELECT id FROM source WHERE name = %(source)s), %(cron)s, 'UTC', %(next)s, %(now)s,
    'console')
ON CONFLICT DO NOTHING

-- name: begin_source
INSERT INTO source (name, reference, trusted, created, created_by)
VALUES (%(name)s, %(reference)s, true, %(now)s, 'console')
ON CONFLICT DO NOTHING
