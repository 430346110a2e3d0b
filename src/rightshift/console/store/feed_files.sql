-- name: has
SELECT EXISTS (SELECT FROM feed_file WHERE sha256 = %(sha256)s)

-- name: put_part
INSERT INTO feed_part (sha256, part, content) VALUES (%(sha256)s, %(part)s, %(content)b)
ON CONFLICT (sha256, part) DO NOTHING

-- name: put
-- Of a file that comes again the place among the newest is renewed.
INSERT INTO feed_file (name, lineage, generation, sha256, size_bytes, parts, added)
VALUES (%(name)s, %(lineage)s, %(generation)s, %(sha256)s, %(size_bytes)s, %(parts)s, %(now)s)
ON CONFLICT (name, sha256) DO UPDATE
SET lineage = excluded.lineage, generation = excluded.generation, added = excluded.added

-- name: drop_others
DELETE FROM feed_file WHERE added < %(now)s

-- name: newest
SELECT name, sha256, size_bytes, parts, lineage, generation FROM feed_file
WHERE added = (SELECT max(added) FROM feed_file)

-- name: part
SELECT content FROM feed_part WHERE sha256 = %(sha256)s AND part = %(part)s

-- name: sweep
DELETE FROM feed_part p WHERE NOT EXISTS (SELECT FROM feed_file f WHERE f.sha256 = p.sha256)
