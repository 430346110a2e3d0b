-- name: drop_flows
-- What is over, and what is too much of one address: the oldest first.
DELETE FROM oidc_flow WHERE expires < %(now)s OR state_hash IN (
    SELECT state_hash FROM oidc_flow WHERE address = %(address)s ORDER BY expires DESC, state_hash OFFSET %(most)s)

-- name: add_flow
INSERT INTO oidc_flow
    (state_hash, browser_hash, provider, provider_version, redirect_uri, return_to, address, expires)
VALUES (%(state)s, %(browser)s, %(provider)s, %(version)s, %(redirect_uri)s, %(return_to)s, %(address)s, %(expires)s)

-- name: take_flow
DELETE FROM oidc_flow
WHERE state_hash = %(state)s AND browser_hash = %(browser)s AND provider = %(provider)s AND expires > %(now)s
RETURNING provider_version, redirect_uri, return_to

-- name: of_subject
SELECT id, by_groups FROM person WHERE issuer = %(issuer)s AND subject = %(subject)s

-- name: of_person
SELECT issuer, subject, by_groups FROM person WHERE id = %(id)s AND subject IS NOT NULL

-- name: bring
INSERT INTO person (name, email, role, everything, issuer, subject, by_groups)
VALUES (%(name)s, %(email)s, %(role)s, %(everything)s, %(issuer)s, %(subject)s, true)
ON CONFLICT (lower(name)) DO NOTHING
RETURNING id

-- name: grant
UPDATE person SET role = %(role)s, everything = %(everything)s, version = version + 1 WHERE id = %(id)s

-- name: put_teams_of
INSERT INTO person_team (person_id, team_id)
SELECT %(id)s, id FROM team WHERE id = ANY(%(teams)s::uuid[])

-- name: drop_teams_of
DELETE FROM person_team WHERE person_id = %(id)s

-- name: link
UPDATE person
SET issuer = %(issuer)s, subject = %(subject)s, by_groups = %(by_groups)s, version = version + 1
WHERE id = %(id)s AND version = %(version)s AND NOT EXISTS (
    SELECT FROM person o WHERE o.issuer = %(issuer)s AND o.subject = %(subject)s AND o.id <> %(id)s)
RETURNING version

-- name: unlink
UPDATE person SET issuer = NULL, subject = NULL, by_groups = false, version = version + 1
WHERE id = %(id)s AND version = %(version)s
RETURNING version

-- name: shut_out
WITH sessions AS (DELETE FROM session WHERE person_id = %(id)s)
UPDATE token SET revoked = %(now)s WHERE person_id = %(id)s AND revoked IS NULL

-- name: end_sessions_of_issuer
DELETE FROM session WHERE person_id IN (SELECT id FROM person WHERE issuer = %(issuer)s)

-- name: session_began
SELECT created FROM session WHERE hash = %(hash)s
