-- name: waiting
-- Skips from one kind to the next, however many marks there are of each.
WITH RECURSIVE kinds AS (
    (SELECT what FROM dirty ORDER BY what LIMIT 1)
    UNION ALL
    SELECT (SELECT what FROM dirty d WHERE d.what > k.what ORDER BY what LIMIT 1) FROM kinds k WHERE k.what IS NOT NULL
)
SELECT what FROM kinds WHERE what IS NOT NULL
UNION ALL SELECT 'tried' WHERE EXISTS (SELECT FROM dirty WHERE tries > 0)
UNION ALL SELECT 'aside' WHERE EXISTS (SELECT FROM set_aside)

-- name: some
-- The same thing is often marked many times: of those that are taken, all marks that lie near.
SELECT which, kind, key, array_agg(id)
FROM (
    SELECT id, which, kind, key FROM dirty WHERE what = %(what)s ORDER BY id LIMIT %(most)s * 20
) oldest
GROUP BY which, kind, key
ORDER BY min(id)
LIMIT %(most)s

-- name: sound
-- The same, without what was tried before.
SELECT which, kind, key, array_agg(id)
FROM (
    SELECT id, which, kind, key FROM dirty d
    WHERE what = %(what)s AND NOT EXISTS (
        SELECT FROM dirty t
        WHERE t.tries > 0 AND t.what = d.what AND t.which = d.which AND t.kind = d.kind AND t.key = d.key
    )
    ORDER BY id LIMIT %(most)s * 20
) oldest
GROUP BY which, kind, key
ORDER BY min(id)
LIMIT %(most)s

-- name: tried
-- What was tried least often comes first; with all its marks, also those that came since.
SELECT t.which, t.kind, t.key, array_agg(d.id), max(d.tries)
FROM (SELECT DISTINCT which, kind, key FROM dirty WHERE what = %(what)s AND tries > 0) t
JOIN dirty d ON d.what = %(what)s AND d.which = t.which AND d.kind = t.kind AND d.key = t.key
GROUP BY t.which, t.kind, t.key
ORDER BY max(d.tries), min(d.id)
LIMIT %(most)s

-- name: remove
DELETE FROM dirty WHERE id = ANY(%(ids)s::bigint[])

-- name: mark_numbers
-- Only whoever derives marks so, and nothing of what is marked is under way then.
INSERT INTO dirty (what, which)
SELECT %(what)s, one FROM unnest(%(which)s::bigint[]) AS one
WHERE NOT EXISTS (SELECT FROM dirty d WHERE d.what = %(what)s AND d.which = one)

-- name: mark_assets
INSERT INTO dirty (what, kind, key)
SELECT 'asset', given.* FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given(kind, key)
WHERE NOT EXISTS (SELECT FROM dirty d WHERE d.what = 'asset' AND d.kind = given.kind AND d.key = given.key)
