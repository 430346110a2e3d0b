-- name: facts
-- An image is told of by each host that has it: those who say the same are one.
SELECT f.kind, f.key, f.parent_kind, f.parent_key, f.attributes, min(f.first_seen), max(f.last_seen),
    CASE WHEN bool_or(f.ended IS NULL) THEN NULL ELSE max(f.ended) END, r.kind <> 'scans'
FROM (SELECT DISTINCT * FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given(kind, key)) given
JOIN asset_fact f USING (kind, key)
JOIN reporter r ON r.id = f.reporter_id
GROUP BY f.kind, f.key, f.parent_kind, f.parent_key, f.attributes, r.kind <> 'scans'
ORDER BY max(f.last_seen), max(f.reporter_id)

-- name: scanned
SELECT DISTINCT kind, key FROM scan WHERE id = ANY(%(ids)s)

-- name: scans
SELECT given.kind, given.key, s.name, s.inventory_id, s.made
FROM (SELECT DISTINCT * FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given(kind, key)) given
CROSS JOIN LATERAL (
    SELECT * FROM scan s WHERE s.kind = given.kind AND s.key = given.key ORDER BY s.made DESC, s.id DESC LIMIT 1
) s

-- name: hangs
SELECT f.from_kind, f.from_key, f.kind, f.to_kind, f.to_key, f.protocol, f.port, f.how, f.first_seen, f.last_seen,
    f.ended
FROM (SELECT DISTINCT * FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given(kind, key)) given
JOIN relation_fact f ON f.from_kind = given.kind AND f.from_key = given.key
WHERE f.kind IN ('runs-on', 'part-of', 'instance-of', 'owned-by', 'routes-to')
ORDER BY f.kind, f.ended NULLS FIRST, f.last_seen DESC, f.to_kind, f.to_key

-- name: existing
SELECT DISTINCT ON (given.kind, given.key) given.kind, given.key, a.id, a.kind, a.key, a.name, a.unit_id,
    a.inventory_id, a.running, a.gone,
    CASE WHEN jsonb_typeof(a.attributes -> 'addresses') = 'array'
        THEN ARRAY(SELECT jsonb_array_elements_text(a.attributes -> 'addresses')) END,
    a.labels, a.cloud, a.region, a.cluster, a.namespace, a.workload, a.host, a.image
FROM (SELECT DISTINCT * FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given(kind, key)) given
CROSS JOIN LATERAL (
    SELECT a.* FROM asset a WHERE a.kind = given.kind AND a.key = given.key
    UNION ALL
    SELECT a.* FROM asset_alias x JOIN asset a ON a.id = x.asset_id
    WHERE x.kind = given.kind AND x.key IN (given.key, split_part(given.key, '@', 2))
) a
ORDER BY given.kind, given.key, a.key = given.key DESC, a.id

-- name: instances
-- Of thousands the first that runs is enough.
SELECT given.id, EXISTS (
    SELECT FROM relation r JOIN asset c ON c.id = r.from_id
    WHERE r.to_id = given.id AND r.kind = 'instance-of' AND r.ended IS NULL AND c.gone IS NULL AND c.running
)
FROM unnest(%(ids)s::integer[]) AS given(id)
WHERE EXISTS (SELECT FROM relation r WHERE r.to_id = given.id AND r.kind = 'instance-of')

-- name: put
INSERT INTO asset AS a (kind, key, name, parent_id, attributes, labels, cloud, region, cluster, namespace, workload,
    host, image, unit_id, inventory_id, running, first_seen, last_seen, gone)
SELECT kind, key, name, parent_id, attributes, labels, cloud, region, cluster, namespace, workload, host, image,
    unit_id, inventory_id, running, first_seen, last_seen, gone
FROM jsonb_to_recordset(%(rows)s) AS given(
    kind text, key text, name text, parent_id integer, attributes jsonb, labels jsonb, cloud text, region text,
    cluster text, namespace text, workload text, host text, image text, unit_id integer, inventory_id integer,
    running boolean, first_seen timestamptz, last_seen timestamptz, gone timestamptz
)
ON CONFLICT (kind, key) DO UPDATE
SET name = excluded.name, parent_id = excluded.parent_id, attributes = excluded.attributes, labels = excluded.labels,
    cloud = excluded.cloud, region = excluded.region, cluster = excluded.cluster, namespace = excluded.namespace,
    workload = excluded.workload, host = excluded.host, image = excluded.image,
    unit_id = coalesce(excluded.unit_id, a.id), inventory_id = excluded.inventory_id, running = excluded.running,
    first_seen = least(a.first_seen, excluded.first_seen), last_seen = greatest(a.last_seen, excluded.last_seen),
    gone = excluded.gone
WHERE (a.name, a.parent_id, a.attributes, a.labels, a.cloud, a.region, a.cluster, a.namespace, a.workload, a.host,
        a.image, a.unit_id, a.inventory_id, a.running, a.gone)
    IS DISTINCT FROM (excluded.name, excluded.parent_id, excluded.attributes, excluded.labels, excluded.cloud,
        excluded.region, excluded.cluster, excluded.namespace, excluded.workload, excluded.host, excluded.image,
        coalesce(excluded.unit_id, a.id), excluded.inventory_id, excluded.running, excluded.gone)
    -- when it was seen last is good to a minute, so that not each document writes each row
    OR a.first_seen > excluded.first_seen OR a.last_seen < excluded.last_seen - interval '1 minute'

-- name: numbers
SELECT a.id, a.kind, a.key FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given(kind, key)
JOIN asset a USING (kind, key)

-- name: stand_alone
UPDATE asset SET unit_id = id WHERE id = ANY(%(ids)s) AND unit_id IS DISTINCT FROM id

-- name: dependents
WITH given AS (
    SELECT DISTINCT * FROM unnest(%(kinds)s::text[], %(keys)s::text[]) AS given(kind, key)
)
SELECT f.kind, f.key FROM given JOIN asset_fact f ON f.parent_kind = given.kind AND f.parent_key = given.key
WHERE f.kind <> 'process'
UNION
SELECT r.from_kind, r.from_key FROM given JOIN relation_fact r ON r.to_kind = given.kind AND r.to_key = given.key

-- name: end_other
UPDATE asset_inventory h
SET until = CASE WHEN given.since > h.since THEN given.since ELSE %(now)s END
FROM unnest(%(ids)s::integer[], %(inventories)s::integer[], %(since)s::timestamptz[]) AS given(id, inventory, since)
WHERE h.asset_id = given.id AND h.until IS NULL AND h.inventory_id <> given.inventory

-- name: hold
INSERT INTO asset_inventory (asset_id, inventory_id, since)
SELECT given.id, given.inventory,
    CASE WHEN EXISTS (SELECT FROM asset_inventory h WHERE h.asset_id = given.id AND h.since >= given.since)
        THEN %(now)s ELSE given.since END
FROM unnest(%(ids)s::integer[], %(inventories)s::integer[], %(since)s::timestamptz[]) AS given(id, inventory, since)
WHERE NOT EXISTS (SELECT FROM asset_inventory h WHERE h.asset_id = given.id AND h.until IS NULL)
ON CONFLICT (asset_id, since) DO UPDATE SET inventory_id = excluded.inventory_id, until = NULL

-- name: let_go
UPDATE asset_inventory h SET until = greatest(given.ended, h.since)
FROM unnest(%(ids)s::integer[], %(ends)s::timestamptz[]) AS given(id, ended)
WHERE h.asset_id = given.id AND h.until IS NULL

-- name: drop_holders
DELETE FROM holder h
WHERE h.unit_id = ANY(%(units)s) AND NOT EXISTS (
    SELECT FROM asset a
    WHERE a.unit_id = h.unit_id AND a.inventory_id = h.inventory_id AND a.gone IS NULL
        AND (a.kind <> 'image' OR NOT EXISTS (
            SELECT FROM relation r JOIN asset c ON c.id = r.from_id
            WHERE r.to_id = a.id AND r.kind = 'instance-of' AND r.ended IS NULL AND c.gone IS NULL
                AND c.inventory_id = a.inventory_id
        ))
)

-- name: put_holders
INSERT INTO holder AS h (unit_id, inventory_id, assets, running, exposure, privileges, context, most, since)
SELECT unit_id, inventory_id, assets, running, exposure, privileges, context,
    (SELECT max(one) FROM unnest(exposure) one) + greatest(0, privileges[1], privileges[2]) + context, since
FROM (
    SELECT a.unit_id, a.inventory_id, count(*) AS assets,
        CASE WHEN bool_or(a.running) THEN true WHEN bool_or(a.running IS NULL) THEN NULL ELSE false END AS running,
        ARRAY[max(a.exposure[1]), max(a.exposure[2]), max(a.exposure[3]), max(a.exposure[4]), max(a.exposure[5]),
            max(a.exposure[6]), max(a.exposure[7]), max(a.exposure[8])] AS exposure,
        ARRAY[max(a.privileges[1]), max(a.privileges[2])] AS privileges,
        max(a.context) AS context, coalesce(min(i.since), min(a.first_seen)) AS since
    FROM asset a
    LEFT JOIN asset_inventory i ON i.asset_id = a.id AND i.until IS NULL
    WHERE a.unit_id = ANY(%(units)s) AND a.inventory_id IS NOT NULL AND a.gone IS NULL
        AND (a.kind <> 'image' OR NOT EXISTS (
            SELECT FROM relation r JOIN asset c ON c.id = r.from_id
            WHERE r.to_id = a.id AND r.kind = 'instance-of' AND r.ended IS NULL AND c.gone IS NULL
                AND c.inventory_id = a.inventory_id
        ))
    GROUP BY a.unit_id, a.inventory_id
) one
ON CONFLICT (unit_id, inventory_id) DO UPDATE
SET assets = excluded.assets, running = excluded.running, exposure = excluded.exposure,
    privileges = excluded.privileges, context = excluded.context, most = excluded.most,
    since = least(h.since, excluded.since)
WHERE (h.assets, h.running, h.exposure, h.privileges, h.context)
    IS DISTINCT FROM (excluded.assets, excluded.running, excluded.exposure, excluded.privileges, excluded.context)
RETURNING inventory_id

-- name: units_of
SELECT DISTINCT unit_id FROM holder WHERE inventory_id = ANY(%(ids)s)

-- name: name_images
INSERT INTO asset_alias (kind, key, asset_id)
SELECT DISTINCT ON (key) 'image', key, id FROM unnest(%(ids)s::integer[], %(keys)s::text[]) AS given(id, key)
ORDER BY key, id
ON CONFLICT (kind, key) DO UPDATE SET asset_id = excluded.asset_id WHERE asset_alias.asset_id <> excluded.asset_id

-- name: forget
DELETE FROM asset WHERE id = ANY(%(ids)s)
