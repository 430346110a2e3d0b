-- name: lock
SELECT pg_advisory_xact_lock(1920166260)

-- name: last
SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1

-- name: add
INSERT INTO audit (id, at, actor, actor_kind, action, target, address, before, after, outcome, hash)
VALUES (%(id)s, %(at)s, %(actor)s, %(actor_kind)s, %(action)s, %(target)s, %(address)s, %(before)s, %(after)s, %(outcome)s,
    %(hash)s)

-- name: all
SELECT id, at, actor, actor_kind, action, target, address, before, after, outcome, hash FROM audit ORDER BY id

-- name: page
SELECT id, at, actor, actor_kind, action, target, address, before, after, outcome FROM audit
WHERE (%(before)s::bigint IS NULL OR id < %(before)s)
  AND (%(actor)s::text IS NULL OR actor = %(actor)s)
  AND (%(action)s::text IS NULL OR action = %(action)s OR action LIKE %(action)s || '.%%')
ORDER BY id DESC LIMIT %(limit)s
