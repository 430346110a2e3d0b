-- name: begin
-- Nobody waits for the disk: a note that a crash of the server took with it accuses nobody.
UPDATE working
SET what = %(what)s, first = %(first)s, last = %(last)s, tries = %(tries)s, which = %(which)s, kind = %(kind)s,
    key = %(key)s
FROM (SELECT set_config('synchronous_commit', 'off', true)) quick

-- name: failed
UPDATE dirty SET tries = tries + 1 WHERE id = ANY(%(ids)s::bigint[])

-- name: blame
-- What was worked on is still there as marks, since these go in the same transaction as the work is done.
UPDATE dirty d SET tries = d.tries + 1
FROM working w
WHERE d.what = w.what AND d.id BETWEEN w.first AND w.last AND d.tries = w.tries
    AND (w.tries < %(alone)s OR (d.which = w.which AND d.kind = w.kind AND d.key = w.key))

-- name: server
SELECT pg_postmaster_start_time()

-- name: excuse
UPDATE working SET what = ''

-- name: set_aside
INSERT INTO set_aside (what, which, kind, key, reason, program, at)
VALUES (%(what)s, %(which)s, %(kind)s, %(key)s, %(reason)s, %(program)s, %(now)s)
ON CONFLICT (what, which, kind, key) DO UPDATE
SET reason = excluded.reason, program = excluded.program, at = excluded.at

-- name: cover
-- What was set aside stays so, whatever is told of it meanwhile.
DELETE FROM dirty d USING set_aside s
WHERE d.what = s.what AND d.which = s.which AND d.kind = s.kind AND d.key = s.key

-- name: again
WITH due AS (
    DELETE FROM set_aside WHERE at <= %(before)s OR program <> %(program)s RETURNING what, which, kind, key
)
INSERT INTO dirty (what, which, kind, key, tries) SELECT due.*, %(tries)s FROM due
