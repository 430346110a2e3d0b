-- name: lock
-- Whoever changes who is an administrator waits for whoever else does.
SELECT pg_advisory_xact_lock(1920166261)

-- name: page
SELECT p.id, p.name, p.email, p.role, p.everything, p.disabled, p.version, p.created, p.seen,
    p.totp IS NOT NULL, p.subject IS NOT NULL,
    array(SELECT t.team_id FROM person_team t WHERE t.person_id = p.id ORDER BY t.team_id)
FROM person p
WHERE (%(after)s::text IS NULL OR (lower(p.name), p.id) > (%(after)s::text, %(after_id)s::uuid))
  AND (%(teams)s::uuid[] IS NULL OR (NOT p.everything
    AND array(SELECT t.team_id FROM person_team t WHERE t.person_id = p.id) <@ %(teams)s::uuid[]))
ORDER BY lower(p.name), p.id LIMIT %(limit)s

-- name: one
SELECT p.id, p.name, p.email, p.role, p.everything, p.disabled, p.version, p.created, p.seen,
    p.totp IS NOT NULL, p.subject IS NOT NULL,
    array(SELECT t.team_id FROM person_team t WHERE t.person_id = p.id ORDER BY t.team_id)
FROM person p
WHERE p.id = %(id)s AND (%(teams)s::uuid[] IS NULL OR (NOT p.everything
    AND array(SELECT t.team_id FROM person_team t WHERE t.person_id = p.id) <@ %(teams)s::uuid[]))

-- name: change
UPDATE person SET email = %(email)s, role = %(role)s, everything = %(everything)s, disabled = %(disabled)s,
    version = version + 1
WHERE id = %(id)s AND version = %(version)s RETURNING version

-- name: remove
DELETE FROM person WHERE id = %(id)s AND version = %(version)s RETURNING id

-- name: other_admins
-- Those who really get in, and see everything; who comes through a provider alone may lose that there any day.
SELECT count(*) FROM person
WHERE role = 'admin' AND NOT disabled AND everything AND id <> %(id)s AND password IS NOT NULL

-- name: drop_teams_of
DELETE FROM person_team WHERE person_id = %(id)s

-- name: put_teams_of
INSERT INTO person_team (person_id, team_id) SELECT %(id)s, t FROM unnest(%(teams)s::uuid[]) t

-- name: end_other_sessions_of
DELETE FROM session WHERE person_id = %(id)s AND hash <> %(hash)s

-- name: set_totp
UPDATE person SET totp = %(totp)s, totp_step = %(step)s, version = version + 1 WHERE id = %(id)s

-- name: use_step
UPDATE person SET totp_step = %(step)s WHERE id = %(id)s AND totp_step < %(step)s RETURNING id

-- name: drop_codes
DELETE FROM recovery_code WHERE person_id = %(id)s

-- name: put_codes
INSERT INTO recovery_code (person_id, hash) SELECT %(id)s, h FROM unnest(%(hashes)s::bytea[]) h

-- name: use_code
DELETE FROM recovery_code WHERE person_id = %(id)s AND hash = %(hash)s RETURNING person_id

-- name: teams
SELECT id, name, selector, version, created FROM team
WHERE (%(teams)s::uuid[] IS NULL OR id = ANY(%(teams)s::uuid[]))
  AND (%(after)s::text IS NULL OR (name, id) > (%(after)s::text, %(after_id)s::uuid))
ORDER BY name, id LIMIT %(limit)s

-- name: team
SELECT id, name, selector, version, created FROM team
WHERE id = %(id)s AND (%(teams)s::uuid[] IS NULL OR id = ANY(%(teams)s::uuid[]))

-- name: add_team
INSERT INTO team (name, selector, created) VALUES (%(name)s, %(selector)s, %(now)s) RETURNING id

-- name: change_team
UPDATE team SET name = %(name)s, selector = %(selector)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s RETURNING version

-- name: remove_team
DELETE FROM team WHERE id = %(id)s AND version = %(version)s RETURNING id

-- name: teams_changed
INSERT INTO dirty (what) VALUES ('wishes')

-- name: notify
SELECT pg_notify('dirty', '')
