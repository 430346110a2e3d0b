-- name: drop_structure
DELETE FROM relation r
WHERE r.from_id = ANY(%(of)s) AND r.kind <> 'connects-to' AND NOT EXISTS (
    SELECT
    FROM unnest(%(kinds)s::text[], %(froms)s::integer[], %(tos)s::integer[], %(protocols)s::text[],
        %(ports)s::integer[]) AS given(kind, from_id, to_id, protocol, port)
    WHERE given.kind = r.kind AND given.from_id = r.from_id AND given.to_id = r.to_id
        AND given.protocol = r.protocol AND given.port = r.port
)

-- name: put
-- Both ends may see the same: it counts once.
INSERT INTO relation AS r (kind, from_id, to_id, protocol, port, how, count, first_seen, last_seen, ended)
SELECT kind, from_id, to_id, protocol, port, (array_agg(how ORDER BY last_seen DESC))[1], max(count),
    min(first_seen), max(last_seen), CASE WHEN bool_or(ended IS NULL) THEN NULL ELSE max(ended) END
FROM unnest(%(kinds)s::text[], %(froms)s::integer[], %(tos)s::integer[], %(protocols)s::text[], %(ports)s::integer[],
    %(hows)s::text[], %(counts)s::bigint[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[],
    %(ends)s::timestamptz[])
    AS given(kind, from_id, to_id, protocol, port, how, count, first_seen, last_seen, ended)
GROUP BY kind, from_id, to_id, protocol, port
ORDER BY kind, from_id, to_id, protocol, port
ON CONFLICT (kind, from_id, to_id, protocol, port) DO UPDATE
SET how = excluded.how, count = greatest(r.count, excluded.count), first_seen = least(r.first_seen, excluded.first_seen),
    last_seen = greatest(r.last_seen, excluded.last_seen), ended = excluded.ended
WHERE (r.how, r.ended) IS DISTINCT FROM (excluded.how, excluded.ended) OR r.count < excluded.count
    OR r.first_seen > excluded.first_seen OR r.last_seen < excluded.last_seen - interval '1 minute'

-- name: unseen
SELECT r.id, r.from_id, r.to_id, r.protocol, r.port, a.kind, a.key, a.id
FROM unnest(%(of)s::integer[]) AS own
JOIN relation r ON r.kind = 'connects-to' AND own IN (r.from_id, r.to_id)
JOIN asset a ON a.id = CASE WHEN r.from_id = own THEN r.to_id ELSE r.from_id END
WHERE NOT EXISTS (
    SELECT
    FROM unnest(%(froms)s::integer[], %(tos)s::integer[], %(protocols)s::text[], %(ports)s::integer[])
        AS given(from_id, to_id, protocol, port)
    WHERE given.from_id = r.from_id AND given.to_id = r.to_id AND given.protocol = r.protocol AND given.port = r.port
)

-- name: drop
WITH dropped AS (
    DELETE FROM relation WHERE id = ANY(%(ids)s::bigint[]) RETURNING from_id, to_id
)
DELETE FROM asset a
USING (SELECT from_id AS id FROM dropped UNION SELECT to_id FROM dropped) ends
WHERE a.id = ends.id AND a.kind = 'endpoint'
    AND NOT EXISTS (SELECT FROM relation r WHERE a.id IN (r.from_id, r.to_id) AND r.id <> ALL(%(ids)s::bigint[]))
    AND NOT EXISTS (SELECT FROM asset_fact f WHERE f.kind = a.kind AND f.key = a.key)

-- name: owners
SELECT DISTINCT parent_kind, parent_key FROM asset_fact
WHERE kind = 'process' AND key = ANY(%(keys)s) AND parent_kind IS NOT NULL AND parent_kind <> 'process'

-- name: traffic
-- `real` is who it was behind a translation.
WITH given AS (
    SELECT DISTINCT * FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given(kind, key)
), speaking AS (
    SELECT kind, key, kind AS of_kind, key AS of_key FROM given
    UNION
    SELECT f.kind, f.key, given.kind, given.key
    FROM given JOIN asset_fact f ON f.parent_kind = given.kind AND f.parent_key = given.key AND f.kind = 'process'
)
SELECT s.of_kind, s.of_key, c.protocol, c.direction = 'in', coalesce(nullif(c.real, ''), c.remote),
    CASE WHEN c.direction = 'out' AND c.real_port > 0 THEN c.real_port ELSE c.port END,
    CASE WHEN c.direction = 'out' THEN c.name ELSE '' END,
    (array_agg(c.how ORDER BY c.last_seen DESC))[1], sum(c.count)::bigint, min(c.first_seen), max(c.last_seen)
FROM speaking s
JOIN connection_fact c ON c.kind = s.kind AND c.key = s.key
GROUP BY 1, 2, 3, 4, 5, 6, 7

-- name: at_addresses
-- Each host gives its containers the same addresses: what two have tells of nobody, and the others are not looked at.
SELECT address, a.kind, min(a.id)
FROM unnest(%(addresses)s::text[]) AS address
CROSS JOIN LATERAL (
    (SELECT kind, id FROM asset
     WHERE (attributes -> 'addresses') ? address AND gone IS NULL AND kind = 'container' LIMIT 2)
    UNION ALL
    SELECT kind, id FROM asset
    WHERE (attributes -> 'addresses') ? address AND gone IS NULL AND kind <> 'container' AND kind <> 'endpoint'
) a
GROUP BY address, a.kind
HAVING count(*) = 1

-- name: make_outside
INSERT INTO asset (kind, key, name, running, first_seen, last_seen)
SELECT given.kind, given.key, CASE WHEN given.kind = 'internet' THEN 'internet' ELSE given.key END, NULL, %(now)s, %(now)s
FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given(kind, key)
ORDER BY given.kind, given.key
ON CONFLICT (kind, key) DO NOTHING

-- name: outside
SELECT a.id, a.kind, a.key FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given(kind, key)
JOIN asset a USING (kind, key)

-- name: unmask
WITH masks AS (
    SELECT id FROM asset a
    WHERE kind = 'endpoint' AND key = ANY(%(addresses)s)
        AND NOT EXISTS (SELECT FROM asset_fact f WHERE f.kind = a.kind AND f.key = a.key)
), spoke AS (
    SELECT a.kind, a.key FROM masks JOIN relation r ON r.to_id = masks.id JOIN asset a ON a.id = r.from_id
    UNION
    SELECT a.kind, a.key FROM masks JOIN relation r ON r.from_id = masks.id JOIN asset a ON a.id = r.to_id
), gone AS (
    DELETE FROM asset WHERE id IN (SELECT id FROM masks)
)
SELECT kind, key FROM spoke
