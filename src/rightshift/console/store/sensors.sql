-- name: credential
SELECT t.name, t.reporter_id, r.key, t.permissions
FROM token t JOIN reporter r ON r.id = t.reporter_id
WHERE t.id = %(id)s AND t.kind = 'sensor' AND t.revoked IS NULL AND t.expires > %(now)s
FOR UPDATE OF t

-- name: withdraw_unused
UPDATE token SET revoked = %(now)s WHERE replaces = %(id)s AND used IS NULL AND revoked IS NULL

-- name: succeeded
-- One that was shown counts also when it was revoked later: its predecessor does not come back to life.
SELECT EXISTS (SELECT FROM token WHERE replaces = %(id)s AND used IS NOT NULL)

-- name: succeed
WITH before AS (UPDATE token SET expires = least(expires, %(until)s) WHERE id = %(before)s)
UPDATE token SET replaces = %(before)s WHERE id = %(after)s

-- name: rename
UPDATE reporter SET name = %(name)s, version = version + 1 WHERE key = %(key)s AND version = %(version)s

-- name: revoke
UPDATE token t SET revoked = %(now)s
FROM reporter r
WHERE r.key = %(key)s AND t.reporter_id = r.id AND t.revoked IS NULL
