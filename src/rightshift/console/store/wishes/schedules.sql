-- name: add
INSERT INTO schedule (name, job, source_id, cron, zone, enabled, next_run, teams, created, created_by)
VALUES (%(name)s, %(job)s, %(source)s, %(cron)s, %(zone)s, %(enabled)s, %(next)s, %(teams)s::uuid[], %(now)s, %(by)s)
ON CONFLICT DO NOTHING
RETURNING id

-- name: held
SELECT version, name, job, source_id, cron, zone, enabled FROM schedule
WHERE id = %(id)s AND (%(teams)s::uuid[] IS NULL OR teams && %(teams)s::uuid[])
FOR UPDATE

-- name: change
UPDATE schedule
SET name = %(name)s, source_id = %(source)s, cron = %(cron)s, zone = %(zone)s, enabled = %(enabled)s,
    next_run = CASE WHEN (cron, zone, enabled) = (%(cron)s, %(zone)s, %(enabled)s) THEN next_run ELSE %(next)s END,
    version = version + 1
WHERE id = %(id)s
    AND NOT EXISTS (
        SELECT FROM schedule o WHERE o.id <> %(id)s AND o.name = %(name)s
            AND o.teams IS NOT DISTINCT FROM schedule.teams
    )
RETURNING version

-- name: remove
DELETE FROM schedule WHERE id = %(id)s

-- name: tell
SELECT pg_notify('wishes', '')
