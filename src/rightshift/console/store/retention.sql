-- Each question looks at the next so many rows, in the order of a key, and removes those that are over. It gives the
-- key of the last one that it looked at, null at the end, and how many it removed.

-- name: assets_facts
-- Ended ones; the asset itself goes once nobody reports it.
WITH seen AS (
    SELECT reporter_id, kind, key, ended FROM asset_fact
    WHERE (reporter_id, kind, key) > (%(reporter)s, %(kind)s, %(key)s)
    ORDER BY reporter_id, kind, key LIMIT %(limit)s
), over AS (
    DELETE FROM asset_fact f USING seen s
    WHERE (f.reporter_id, f.kind, f.key) = (s.reporter_id, s.kind, s.key) AND s.ended < %(before)s AND f.ended < %(before)s
    RETURNING f.kind, f.key
), marked AS (
    INSERT INTO dirty (what, kind, key) SELECT DISTINCT 'asset', kind, key FROM over
)
SELECT s.reporter_id, s.kind, s.key, (SELECT count(*) FROM over)
FROM seen s ORDER BY s.reporter_id DESC, s.kind DESC, s.key DESC LIMIT 1

-- name: relations_facts
WITH seen AS (SELECT id, ended FROM relation_fact WHERE id > %(after)s ORDER BY id LIMIT %(limit)s),
over AS (
    DELETE FROM relation_fact f USING seen s WHERE f.id = s.id AND f.ended < %(before)s
    RETURNING f.from_kind, f.from_key, f.to_kind, f.to_key
), marked AS (
    INSERT INTO dirty (what, kind, key)
    SELECT 'asset', from_kind, from_key FROM over UNION SELECT 'asset', to_kind, to_key FROM over
)
SELECT max(id), (SELECT count(*) FROM over) FROM seen

-- name: listeners_facts
WITH seen AS (SELECT id FROM listener_fact WHERE id > %(after)s ORDER BY id LIMIT %(limit)s),
over AS (
    DELETE FROM listener_fact f USING seen s WHERE f.id = s.id AND f.ended < %(before)s RETURNING f.kind, f.key
), marked AS (
    INSERT INTO dirty (what, kind, key) SELECT DISTINCT 'asset', kind, key FROM over
)
SELECT max(id), (SELECT count(*) FROM over) FROM seen

-- name: connections_facts
WITH seen AS (SELECT id FROM connection_fact WHERE id > %(after)s ORDER BY id LIMIT %(limit)s),
over AS (
    DELETE FROM connection_fact f USING seen s WHERE f.id = s.id AND f.last_seen < %(before)s RETURNING f.kind, f.key
), marked AS (
    INSERT INTO dirty (what, kind, key) SELECT DISTINCT 'asset', kind, key FROM over
)
SELECT max(id), (SELECT count(*) FROM over) FROM seen

-- name: uses_facts
WITH seen AS (SELECT id FROM use_fact WHERE id > %(after)s ORDER BY id LIMIT %(limit)s),
over AS (
    DELETE FROM use_fact f USING seen s WHERE f.id = s.id AND f.last_seen < %(before)s RETURNING f.kind, f.key
), marked AS (
    INSERT INTO dirty (what, kind, key) SELECT DISTINCT 'asset', kind, key FROM over
)
SELECT max(id), (SELECT count(*) FROM over) FROM seen

-- name: scans
-- The newest of an asset stays, however old it is.
WITH seen AS (SELECT id, kind, key, made FROM scan WHERE id > %(after)s ORDER BY id LIMIT %(limit)s),
over AS (
    DELETE FROM scan c USING seen s
    WHERE c.id = s.id AND c.made < %(before)s
        AND EXISTS (
            SELECT FROM scan newer
            WHERE (newer.kind, newer.key) = (c.kind, c.key) AND (newer.made, newer.id) > (c.made, c.id)
        )
    RETURNING 1
)
SELECT max(id), (SELECT count(*) FROM over) FROM seen

-- name: history
-- Which asset had what, long ago.
WITH seen AS (
    SELECT asset_id, since, until FROM asset_inventory
    WHERE (asset_id, since) > (%(after)s, %(since)s) ORDER BY asset_id, since LIMIT %(limit)s
), over AS (
    DELETE FROM asset_inventory h USING seen s
    WHERE (h.asset_id, h.since) = (s.asset_id, s.since) AND h.until < %(before)s
    RETURNING 1
)
SELECT s.asset_id, s.since, (SELECT count(*) FROM over) FROM seen s ORDER BY s.asset_id DESC, s.since DESC LIMIT 1

-- name: inventories
-- Those that nobody refers to. A new one may be about to be: it is left for a while.
WITH seen AS (SELECT id FROM inventory WHERE id > %(after)s ORDER BY id LIMIT %(limit)s),
free AS (
    SELECT i.id FROM inventory i JOIN seen s ON s.id = i.id
    WHERE i.created < %(before)s
        AND NOT EXISTS (SELECT FROM scan c WHERE c.inventory_id = i.id)
        AND NOT EXISTS (SELECT FROM asset a WHERE a.inventory_id = i.id)
        AND NOT EXISTS (SELECT FROM asset_inventory h WHERE h.inventory_id = i.id)
        AND NOT EXISTS (SELECT FROM holder h WHERE h.inventory_id = i.id)
    FOR UPDATE OF i SKIP LOCKED
), over AS (
    DELETE FROM inventory i USING free f WHERE i.id = f.id RETURNING 1
)
SELECT (SELECT max(id) FROM seen), (SELECT count(*) FROM over)

-- name: events
WITH seen AS (SELECT id, at FROM event WHERE id > %(after)s ORDER BY id LIMIT %(limit)s),
over AS (DELETE FROM event e USING seen s WHERE e.id = s.id AND s.at < %(before)s RETURNING 1)
SELECT max(id) FILTER (WHERE at < %(before)s), (SELECT count(*) FROM over) FROM seen

-- name: runs
-- With their logs.
WITH over AS (
    DELETE FROM job_run WHERE id IN (
        SELECT id FROM job_run WHERE created < %(before)s AND ended < %(before)s ORDER BY created LIMIT %(limit)s
    )
    RETURNING 1
)
SELECT NULLIF(count(*), 0), count(*) FROM over

-- name: sessions
WITH over AS (
    DELETE FROM session WHERE hash IN (SELECT hash FROM session WHERE expires < %(before)s LIMIT %(limit)s) RETURNING 1
), links AS (
    DELETE FROM one_time_link WHERE hash IN (
        SELECT hash FROM one_time_link WHERE expires < %(before)s LIMIT %(limit)s
    ) RETURNING 1
), flows AS (
    DELETE FROM oidc_flow WHERE state_hash IN (
        SELECT state_hash FROM oidc_flow WHERE expires < %(before)s LIMIT %(limit)s
    ) RETURNING 1
), throttles AS (
    DELETE FROM throttle WHERE what IN (SELECT what FROM throttle WHERE until < %(before)s LIMIT %(limit)s) RETURNING 1
), counted AS (
    SELECT (SELECT count(*) FROM over) + (SELECT count(*) FROM links) + (SELECT count(*) FROM flows)
        + (SELECT count(*) FROM throttles) AS number
)
SELECT NULLIF(number, 0), number FROM counted

-- name: settings
SELECT value::text FROM setting WHERE name = 'retention'
