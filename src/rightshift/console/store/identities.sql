-- name: has_people
SELECT exists (SELECT 1 FROM person)

-- name: first_person
SELECT id FROM person WHERE name = %(name)s AND password IS NULL AND subject IS NULL AND role = 'admin'

-- name: signed_in_before
SELECT exists (SELECT 1 FROM person WHERE password IS NOT NULL OR subject IS NOT NULL)

-- name: add_person
INSERT INTO person (name, email, role, everything) VALUES (%(name)s, %(email)s, %(role)s, %(everything)s) RETURNING id

-- name: drop_links
DELETE FROM one_time_link WHERE person_id = %(person)s OR expires < %(now)s

-- name: add_link
INSERT INTO one_time_link (hash, person_id, expires) VALUES (%(hash)s, %(person)s, %(expires)s)

-- name: take_link
DELETE FROM one_time_link WHERE hash = %(hash)s AND expires > %(now)s RETURNING person_id

-- name: person_by_name
SELECT id, name, email, role, everything, password, totp, disabled, version, created, seen FROM person
WHERE lower(name) = lower(%(name)s)

-- name: person
SELECT id, name, email, role, everything, password, totp, disabled, version, created, seen FROM person WHERE id = %(id)s

-- name: teams_of
SELECT team_id FROM person_team WHERE person_id = %(person)s

-- name: set_password
UPDATE person SET password = %(password)s, version = version + 1 WHERE id = %(id)s

-- name: signed_in
UPDATE person SET visited = seen, seen = %(now)s WHERE id = %(id)s

-- name: add_session
INSERT INTO session (hash, person_id, complete, csrf, address, agent, created, used, expires)
VALUES (%(hash)s, %(person)s, %(complete)s, %(csrf)s, %(address)s, %(agent)s, %(now)s, %(now)s, %(expires)s)

-- name: session
SELECT s.person_id, s.complete, s.csrf, s.used, p.name, p.role, p.everything,
    array(SELECT t.team_id FROM person_team t WHERE t.person_id = p.id),
    (p.totp IS NULL AND NOT (p.password IS NULL AND p.subject IS NOT NULL AND EXISTS (
        SELECT FROM identity_provider i WHERE i.issuer = p.issuer AND i.enabled AND i.trust_mfa)) AND coalesce((
        SELECT s.value->>'required' = 'everybody' OR (s.value->>'required' = 'admins' AND p.role = 'admin')
        FROM setting s WHERE s.name = 'mfa'), false))
FROM session s JOIN person p ON p.id = s.person_id
WHERE s.hash = %(hash)s AND s.expires > %(now)s AND s.used > %(idle)s AND NOT p.disabled
    AND (p.password IS NOT NULL OR p.subject IS NULL
        OR EXISTS (SELECT FROM identity_provider i WHERE i.issuer = p.issuer AND i.enabled))

-- name: touch_session
UPDATE session SET used = %(now)s WHERE hash = %(hash)s

-- name: end_session
DELETE FROM session WHERE hash = %(hash)s

-- name: end_sessions_of
DELETE FROM session WHERE person_id = %(person)s

-- name: token
SELECT t.id, t.kind, t.name, t.permissions, t.teams, t.person_id, t.reporter_id, t.used, t.uses_left,
    p.name, p.role, p.everything, array(SELECT m.team_id FROM person_team m WHERE m.person_id = p.id),
    p.id IS NOT NULL AND (p.totp IS NULL AND NOT (p.password IS NULL AND p.subject IS NOT NULL AND EXISTS (
        SELECT FROM identity_provider i WHERE i.issuer = p.issuer AND i.enabled AND i.trust_mfa)) AND coalesce((
        SELECT s.value->>'required' = 'everybody' OR (s.value->>'required' = 'admins' AND p.role = 'admin')
        FROM setting s WHERE s.name = 'mfa'), false))
FROM token t LEFT JOIN person p ON p.id = t.person_id
WHERE t.hash = %(hash)s AND t.expires > %(now)s AND t.revoked IS NULL AND NOT coalesce(p.disabled, false)
    AND (p.id IS NULL OR p.password IS NOT NULL OR p.subject IS NULL
        OR EXISTS (SELECT FROM identity_provider i WHERE i.issuer = p.issuer AND i.enabled))

-- name: touch_token
-- With the first use of what a sensor was given in its place, a credential comes to its end.
WITH before AS (
    UPDATE token SET expires = least(expires, %(now)s::timestamptz + interval '1 minute')
    WHERE id = (SELECT t.replaces FROM token t WHERE t.id = %(id)s)
)
UPDATE token SET used = %(now)s WHERE id = %(id)s

-- name: add_token
INSERT INTO token (kind, name, hash, hint, person_id, reporter_id, permissions, teams, uses_left, created, created_by, expires)
VALUES (%(kind)s, %(name)s, %(hash)s, %(hint)s, %(person)s, %(reporter)s, %(permissions)s, %(teams)s, %(uses_left)s,
    %(now)s, %(by)s, %(expires)s)
RETURNING id

-- name: tokens
SELECT t.id, t.kind, t.name, t.hint, t.person_id, t.permissions, t.teams, t.created, t.created_by, t.expires, t.used,
    t.revoked
FROM token t
WHERE t.kind <> 'sensor' AND {theirs}
    AND (%(after)s::timestamptz IS NULL OR (t.created, t.id) < (%(after)s, %(after_id)s::uuid))
ORDER BY t.created DESC, t.id DESC LIMIT %(limit)s

-- name: theirs
-- One person's, or all that see no more than the scope: those of a person as much as the person does.
(%(person)s::uuid IS NULL OR t.person_id = %(person)s)
    AND (%(teams)s::uuid[] IS NULL OR (t.person_id IS NULL AND t.teams <@ %(teams)s::uuid[]) OR EXISTS (
        SELECT FROM person p WHERE p.id = t.person_id AND NOT p.everything
            AND array(SELECT m.team_id FROM person_team m WHERE m.person_id = p.id) <@ %(teams)s::uuid[]
    ))

-- name: revoke_token
UPDATE token t SET revoked = %(now)s WHERE t.id = %(id)s AND t.revoked IS NULL AND {theirs} RETURNING t.name

-- name: use_up
UPDATE token SET uses_left = uses_left - 1, used = %(now)s
WHERE id = %(id)s AND (uses_left IS NULL OR uses_left > 0) AND revoked IS NULL RETURNING id

-- name: add_reporter
INSERT INTO reporter (key, kind, name) VALUES (%(key)s, %(kind)s, %(name)s) RETURNING id

-- name: throttled
SELECT max(until) FROM throttle WHERE what = ANY(%(what)s) AND until > %(now)s

-- name: failed
INSERT INTO throttle (what, failures, until)
SELECT w, 1, %(now)s FROM unnest(%(what)s::text[]) w
ON CONFLICT (what) DO UPDATE SET
    failures = CASE WHEN throttle.until < %(now)s - interval '1 hour' THEN 1 ELSE throttle.failures + 1 END,
    until = %(now)s + CASE
        WHEN throttle.until < %(now)s - interval '1 hour' OR throttle.failures < %(free)s THEN interval '0'
        ELSE least(interval '15 minutes', interval '1 second' * power(2, least(throttle.failures - %(free)s, 10)))
    END

-- name: succeeded
DELETE FROM throttle WHERE what = ANY(%(what)s)

-- name: people
SELECT p.id, p.name, p.email, p.role, p.everything, p.password, p.totp, p.disabled, p.version, p.created, p.seen FROM person p
ORDER BY lower(p.name), p.id

-- name: begin_anew
WITH codes AS (DELETE FROM recovery_code WHERE person_id = %(id)s),
    sessions AS (DELETE FROM session WHERE person_id = %(id)s),
    tokens AS (UPDATE token SET revoked = %(now)s WHERE person_id = %(id)s AND revoked IS NULL)
UPDATE person SET password = NULL, totp = NULL, totp_step = 0, disabled = false, role = coalesce(%(role)s, role),
    issuer = NULL, subject = NULL, by_groups = false,
    everything = everything OR coalesce(%(role)s = 'admin', false), version = version + 1
WHERE id = %(id)s
