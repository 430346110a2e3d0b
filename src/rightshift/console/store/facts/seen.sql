-- name: reporter
-- Held until the end of the transaction, so that one document of a reporter is taken after the other.
-- Planning what follows would cost more than doing it: one plan is kept, which finds each row by an index, however few
-- there were when it was made.
SELECT key, kind, epoch, sequence, mark, wants_full, set_config('plan_cache_mode', 'force_generic_plan', true),
    set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true)
FROM reporter WHERE id = %(reporter)s FOR UPDATE

-- name: is_over
SELECT EXISTS (SELECT FROM reporter_epoch WHERE reporter_id = %(reporter)s AND epoch = %(epoch)s)

-- name: end_epoch
INSERT INTO reporter_epoch (reporter_id, epoch) VALUES (%(reporter)s, %(epoch)s) ON CONFLICT DO NOTHING

-- name: advance
UPDATE reporter
SET epoch = %(epoch)s, sequence = %(sequence)s, mark = %(mark)s, boot = %(boot)s, wants_full = %(wants_full)s,
    skew_ms = %(skew_ms)s, from_ms = %(from_ms)s, to_ms = %(to_ms)s, probes = %(probes)s::jsonb,
    gaps = CASE
        WHEN %(full)s THEN %(gaps)s::jsonb
        WHEN %(gaps)s::jsonb = '[]' OR jsonb_array_length(gaps) > 10000 THEN gaps
        -- what a full document could not read stays unread until the next one
        ELSE (SELECT jsonb_agg(DISTINCT one) FROM jsonb_array_elements(gaps || %(gaps)s::jsonb) one)
    END,
    dropped = least(dropped + %(dropped)s, %(most)s), lost = least(lost + %(lost)s, %(most)s), seen = %(now)s,
    missing = least(missing + CASE WHEN epoch = %(epoch)s THEN greatest(%(sequence)s - sequence - 1, 0) ELSE 0 END, %(most)s),
    program = %(program)s
WHERE id = %(reporter)s

-- name: put_assets
-- Gives those that are new, came back or are other than before.
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(
        kind text, key text, parent_kind text, parent_key text, attributes jsonb
    )
), other AS (
    SELECT given.kind, given.key
    FROM given
    LEFT JOIN asset_fact f ON f.reporter_id = %(reporter)s AND f.kind = given.kind AND f.key = given.key
    WHERE f.key IS NULL OR f.ended IS NOT NULL
        OR (f.parent_kind, f.parent_key, f.attributes)
            IS DISTINCT FROM (given.parent_kind, given.parent_key, given.attributes)
), put AS (
    INSERT INTO asset_fact AS f (reporter_id, kind, key, parent_kind, parent_key, attributes, mark, first_seen, last_seen)
    SELECT %(reporter)s, kind, key, parent_kind, parent_key, attributes, %(mark)s, %(seen)s, %(seen)s FROM given
    ON CONFLICT (reporter_id, kind, key) DO UPDATE
    SET parent_kind = excluded.parent_kind, parent_key = excluded.parent_key, attributes = excluded.attributes,
        mark = excluded.mark, last_seen = greatest(f.last_seen, excluded.last_seen), ended = NULL
)
SELECT kind, key FROM other

-- name: put_relations
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(
        kind text, from_kind text, from_key text, to_kind text, to_key text, protocol text, port integer,
        to_port integer, how text, first_seen timestamptz, last_seen timestamptz, ended timestamptz
    )
), other AS (
    SELECT given.from_kind, given.from_key, given.to_kind, given.to_key
    FROM given
    LEFT JOIN relation_fact f ON f.reporter_id = %(reporter)s AND f.kind = given.kind
        AND f.from_kind = given.from_kind AND f.from_key = given.from_key AND f.to_kind = given.to_kind
        AND f.to_key = given.to_key AND f.protocol = given.protocol AND f.port = given.port
        AND f.to_port = given.to_port
    WHERE f.id IS NULL OR (f.ended IS NULL) <> (given.ended IS NULL)
), put AS (
    INSERT INTO relation_fact AS f (reporter_id, kind, from_kind, from_key, to_kind, to_key, protocol, port, to_port,
        how, mark, first_seen, last_seen, ended)
    SELECT %(reporter)s, kind, from_kind, from_key, to_kind, to_key, protocol, port, to_port, how, %(mark)s, first_seen,
        last_seen, ended
    FROM given
    ON CONFLICT (reporter_id, kind, from_kind, from_key, to_kind, to_key, protocol, port, to_port) DO UPDATE
    SET how = excluded.how, mark = excluded.mark, first_seen = least(f.first_seen, excluded.first_seen),
        last_seen = greatest(f.last_seen, excluded.last_seen), ended = excluded.ended
)
SELECT from_kind, from_key FROM other UNION SELECT to_kind, to_key FROM other

-- name: put_listeners
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(
        kind text, key text, protocol text, address text, port integer, how text, public boolean,
        first_seen timestamptz, ended timestamptz
    )
), other AS (
    SELECT given.kind, given.key
    FROM given
    LEFT JOIN listener_fact f ON f.reporter_id = %(reporter)s AND f.kind = given.kind AND f.key = given.key
        AND f.protocol = given.protocol AND f.address = given.address AND f.port = given.port
    WHERE f.id IS NULL OR (f.ended IS NULL) <> (given.ended IS NULL) OR f.public IS DISTINCT FROM given.public
), put AS (
    INSERT INTO listener_fact AS f (reporter_id, kind, key, protocol, address, port, how, public, mark, first_seen, ended)
    SELECT %(reporter)s, kind, key, protocol, address, port, how, public, %(mark)s, first_seen, ended FROM given
    ON CONFLICT (reporter_id, kind, key, protocol, address, port) DO UPDATE
    SET how = excluded.how, public = excluded.public, mark = excluded.mark,
        first_seen = least(f.first_seen, excluded.first_seen), ended = excluded.ended
)
SELECT DISTINCT kind, key FROM other

-- name: put_connections
-- Counts are of one window, so they add up. Gives whose connections there were none of before, or none on that day,
-- or whose peer is another behind its address: an asset learns once a day with whom it still speaks.
WITH given AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(
        kind text, key text, protocol text, direction text, local text, remote text, port integer, how text,
        count bigint, failed bigint, sent_bytes bigint, received_bytes bigint, real text, real_port integer,
        name text, first_seen timestamptz, last_seen timestamptz
    )
), other AS (
    SELECT given.kind, given.key
    FROM given
    LEFT JOIN connection_fact f ON f.reporter_id = %(reporter)s AND f.kind = given.kind AND f.key = given.key
        AND f.protocol = given.protocol AND f.direction = given.direction AND f.local = given.local
        AND f.remote = given.remote AND f.port = given.port
    WHERE f.id IS NULL OR f.last_seen::date < given.last_seen::date
        OR given.real NOT IN ('', f.real) OR given.real_port NOT IN (0, f.real_port) OR given.name NOT IN ('', f.name)
), put AS (
    INSERT INTO connection_fact AS f (reporter_id, kind, key, protocol, direction, local, remote, port, how, count,
        failed, sent_bytes, received_bytes, real, real_port, name, mark, first_seen, last_seen)
    SELECT %(reporter)s, kind, key, protocol, direction, local, remote, port, how, least(count, %(most)s),
        least(failed, %(most)s), sent_bytes, received_bytes, real, real_port, name, %(mark)s, first_seen, last_seen
    FROM given
    ON CONFLICT (reporter_id, kind, key, protocol, direction, local, remote, port) DO UPDATE
    SET how = excluded.how, mark = excluded.mark,
        count = least(f.count + excluded.count, %(most)s), failed = least(f.failed + excluded.failed, %(most)s),
        sent_bytes = least(f.sent_bytes + excluded.sent_bytes, %(most_bytes)s),
        received_bytes = least(f.received_bytes + excluded.received_bytes, %(most_bytes)s),
        real = coalesce(nullif(excluded.real, ''), f.real), real_port = coalesce(nullif(excluded.real_port, 0), f.real_port),
        name = coalesce(nullif(excluded.name, ''), f.name),
        first_seen = least(f.first_seen, excluded.first_seen), last_seen = greatest(f.last_seen, excluded.last_seen)
)
SELECT DISTINCT kind, key FROM other

-- name: put_uses
WITH put AS (
    INSERT INTO use_fact AS f (reporter_id, kind, key, path, device, inode, level, how, count, mark, first_seen,
        last_seen)
    SELECT %(reporter)s, kind, key, path, device, inode, level, how, count, %(mark)s, first_seen, last_seen
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(
        kind text, key text, path text, device numeric, inode numeric, level text, how text, count bigint,
        first_seen timestamptz, last_seen timestamptz
    )
    ON CONFLICT (reporter_id, kind, key, path, device, inode, level, how) DO UPDATE
    SET count = least(f.count + excluded.count, %(most)s), mark = excluded.mark,
        first_seen = least(f.first_seen, excluded.first_seen), last_seen = greatest(f.last_seen, excluded.last_seen)
    RETURNING f.kind, f.key, f.xmax = 0 AS made
)
SELECT DISTINCT kind, key FROM put WHERE made

-- name: end
-- Assets that are gone, all that lies in them, and the listeners and relations of both.
WITH RECURSIVE named AS (
    SELECT kind, key, min(at) AS at
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given(kind text, key text, at timestamptz)
    GROUP BY kind, key
), gone AS (
    -- without times, so that whatever lies in several of them is walked through once
    SELECT kind, key FROM named
    UNION
    SELECT f.kind, f.key
    FROM gone
    JOIN asset_fact f ON f.reporter_id = %(reporter)s AND f.parent_kind = gone.kind AND f.parent_key = gone.key
        AND f.ended IS NULL
), once AS (
    SELECT kind, key, coalesce(named.at, (SELECT max(at) FROM named)) AS at FROM gone LEFT JOIN named USING (kind, key)
), relations AS (
    UPDATE relation_fact f SET ended = greatest(once.at, f.first_seen)
    FROM once
    WHERE f.reporter_id = %(reporter)s AND f.ended IS NULL AND f.from_kind = once.kind AND f.from_key = once.key
    RETURNING f.to_kind AS kind, f.to_key AS key
), relations_to AS (
    UPDATE relation_fact f SET ended = greatest(once.at, f.first_seen)
    FROM once
    WHERE f.reporter_id = %(reporter)s AND f.ended IS NULL AND f.to_kind = once.kind AND f.to_key = once.key
        -- a row is changed once in a statement: these are not ended by the one before
        AND NOT EXISTS (SELECT FROM once o WHERE o.kind = f.from_kind AND o.key = f.from_key)
    RETURNING f.from_kind AS kind, f.from_key AS key
), listeners AS (
    UPDATE listener_fact f SET ended = greatest(once.at, f.first_seen)
    FROM once
    WHERE f.reporter_id = %(reporter)s AND f.ended IS NULL AND f.kind = once.kind AND f.key = once.key
), assets AS (
    UPDATE asset_fact f SET ended = greatest(once.at, f.first_seen)
    FROM once
    WHERE f.reporter_id = %(reporter)s AND f.ended IS NULL AND f.kind = once.kind AND f.key = once.key
    RETURNING f.kind, f.key
)
SELECT kind, key FROM assets
UNION SELECT kind, key FROM relations
UNION SELECT kind, key FROM relations_to

-- name: sweep
-- What a full document did not tell of again is gone, but for kinds and places that it could not see.
WITH RECURSIVE spared AS (
    -- by kind that could not be seen there ('' is all), so that each asset is walked through once for each
    SELECT * FROM unnest(%(place_hides)s::text[], %(place_kinds)s::text[], %(place_keys)s::text[]) AS given(hides, kind, key)
    UNION
    SELECT spared.hides, f.kind, f.key
    FROM spared
    JOIN asset_fact f ON f.reporter_id = %(reporter)s AND f.parent_kind = spared.kind AND f.parent_key = spared.key
        AND f.ended IS NULL
), seen AS (
    SELECT DISTINCT kind, key FROM spared WHERE hides IN ('', kind)
), assets AS (
    UPDATE asset_fact f SET ended = greatest(%(seen)s, f.first_seen)
    WHERE f.reporter_id = %(reporter)s AND f.mark < %(mark)s AND f.ended IS NULL AND f.kind <> ALL(%(kinds)s::text[])
        AND NOT EXISTS (SELECT FROM seen s WHERE s.kind = f.kind AND s.key = f.key)
    RETURNING f.kind, f.key
), relations AS (
    UPDATE relation_fact f SET ended = greatest(%(seen)s, f.first_seen)
    WHERE f.reporter_id = %(reporter)s AND f.mark < %(mark)s AND f.ended IS NULL
        AND f.from_kind <> ALL(%(kinds)s::text[]) AND f.to_kind <> ALL(%(kinds)s::text[])
        AND NOT EXISTS (SELECT FROM seen s WHERE s.kind = f.from_kind AND s.key = f.from_key)
        AND NOT EXISTS (SELECT FROM seen s WHERE s.kind = f.to_kind AND s.key = f.to_key)
    RETURNING f.from_kind, f.from_key, f.to_kind, f.to_key
), listeners AS (
    UPDATE listener_fact f SET ended = greatest(%(seen)s, f.first_seen)
    WHERE f.reporter_id = %(reporter)s AND f.mark < %(mark)s AND f.ended IS NULL AND f.kind <> ALL(%(kinds)s::text[])
        AND NOT EXISTS (SELECT FROM seen s WHERE s.kind = f.kind AND s.key = f.key)
    RETURNING f.kind, f.key
)
SELECT kind, key FROM assets
UNION SELECT from_kind, from_key FROM relations
UNION SELECT to_kind, to_key FROM relations
UNION SELECT kind, key FROM listeners

-- name: mark
-- Of a process its container or host: processes are no rows of lists, and what they do counts there.
INSERT INTO dirty (what, kind, key)
SELECT DISTINCT 'asset', coalesce(f.parent_kind, given.kind), coalesce(f.parent_key, given.key)
FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given(kind, key)
LEFT JOIN asset_fact f ON f.reporter_id = %(reporter)s AND given.kind = 'process' AND f.kind = given.kind
    AND f.key = given.key AND f.parent_key IS NOT NULL

-- name: tell
SELECT pg_notify('dirty', '')
