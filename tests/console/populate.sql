-- name: packages
INSERT INTO package (ecosystem, name)
SELECT (ARRAY['deb', 'npm', 'apk', 'maven', 'pypi', 'golang'])[g %% 6 + 1], 'package-' || g
FROM generate_series(1, %(packages)s) g;
INSERT INTO package_version (key, package_id, version, purl, matchable)
SELECT decode(md5(p.id || '/' || n), 'hex'), p.id, n || '.' || p.id %% 10 || '.0',
    'pkg:' || p.ecosystem || '/' || p.name || '@' || n || '.' || p.id %% 10 || '.0', true
FROM package p CROSS JOIN LATERAL generate_series(1, 1 + p.id %% 9) n

-- name: advisories
-- A few packages have many, most have none; a third of the versions of a package is affected by each.
INSERT INTO advisory (name, aliases, summary)
SELECT 'CVE-2024-' || 10000 + g, ARRAY['GHSA-' || g, 'OSV-' || g], 'Something is wrong in part ' || g
FROM generate_series(1, %(advisories)s) g;
CREATE TEMP TABLE about AS
SELECT a.id AS advisory_id, 1 + floor(%(packages)s * power(random(), 3))::int AS package_id,
    greatest(0, least(42, floor(34.5 + 9.5 * log(p / (1 - p)))))::int AS threat,
    1 + floor(8 * power(random(), 2))::int AS class, floor(random() * 3)::int AS weight,
    floor(random() * 6)::int AS severity, random() < 0.01 AS kev, p
FROM (SELECT id, power(10, -0.02 - least(4.5, power(random() / 0.07, 0.59))) AS p FROM advisory OFFSET 0) a;
INSERT INTO match (package_version_id, advisory_id, points, class, weight, severity, certain, kev, ransomware,
    malicious, ignored, fixable, epss, rule, records, fixed, evidence, first_seen)
SELECT v.id, b.advisory_id, b.points + CASE WHEN f.fixable THEN 1 ELSE 0 END, b.class, b.weight, b.severity, true,
    b.kev, false, false, false, f.fixable, b.p, 'range of a record', ARRAY['OSV-' || b.advisory_id],
    CASE WHEN f.fixable THEN ARRAY['99.0'] ELSE '{}' END,
    jsonb_build_array(
        jsonb_build_object('name', 'threat', 'points', b.points, 'because', 'EPSS'),
        jsonb_build_object('name', 'exposure', 'points', 0, 'because', 'run time unknown'),
        jsonb_build_object('name', 'use', 'points', 0, 'because', 'run time unknown'),
        jsonb_build_object('name', 'impact', 'points', 0, 'because', 'partial'),
        jsonb_build_object('name', 'context', 'points', CASE WHEN f.fixable THEN 1 ELSE 0 END, 'because', 'fix')
    ),
    %(now)s::timestamptz - make_interval(days => b.advisory_id %% 400)
FROM (
    SELECT *, CASE WHEN kev THEN greatest(threat, 40) ELSE threat END + least(weight * 2, 3) AS points FROM about
) b
JOIN package_version v ON v.package_id = b.package_id
CROSS JOIN LATERAL (SELECT (v.id + b.advisory_id) %% 3 > 0 AS fixable) f
WHERE (hashint4(v.id)::bigint + hashint4(b.advisory_id)) %% 3 <> 0;
DROP TABLE about

-- name: inventories
-- Packages that come first are in most images, as in the world; versions are spread.
INSERT INTO inventory (digest, packages, created)
SELECT sha256(g::text::bytea), %(per_inventory)s, %(now)s::timestamptz - make_interval(days => g %% 90)
FROM generate_series(1, %(inventories)s) g;
INSERT INTO inventory_package (inventory_id, package_version_id, state, origin, locations)
SELECT DISTINCT i.id, v.first + floor(random() * v.versions)::int, 'installed', 'installed', ARRAY['/lib/x']
FROM inventory i
CROSS JOIN LATERAL (
    SELECT 1 + floor(%(packages)s * power(random(), 2.5))::int AS package_id
    FROM generate_series(1, %(per_inventory)s) WHERE i.id > 0
) x
JOIN (SELECT package_id, min(id) AS first, count(*) AS versions FROM package_version GROUP BY 1) v USING (package_id)

-- name: assets
-- A tenth of the inventories are of hosts; of the others three quarters run in workloads, with sidecars that many share.
INSERT INTO asset (kind, key, name, cluster, first_seen, last_seen)
SELECT 'cluster', 'cluster-' || g, 'cluster-' || g, 'cluster-' || g, %(now)s, %(now)s FROM generate_series(0, 3) g;
INSERT INTO asset (kind, key, name, cluster, namespace, parent_id, first_seen, last_seen)
SELECT 'namespace', c.name || '/ns-' || g, 'ns-' || g, c.name, 'ns-' || g, c.id, %(now)s, %(now)s
FROM asset c CROSS JOIN generate_series(0, 9) g WHERE c.kind = 'cluster';
INSERT INTO asset (kind, key, name, host, cluster, inventory_id, running, parent_id, first_seen, last_seen)
SELECT 'host', 'host-' || i.id, 'host-' || i.id, 'host-' || i.id, c.name, i.id, true, c.id, %(now)s, %(now)s
FROM inventory i JOIN asset c ON c.key = 'cluster-' || i.id %% 4 AND c.kind = 'cluster' WHERE i.id %% 10 = 0;
INSERT INTO asset (kind, key, name, image, inventory_id, first_seen, last_seen)
SELECT 'image', 'sha256:' || encode(sha256(i.id::text::bytea), 'hex'), 'registry/app-' || i.id || ':1',
    'registry/app-' || i.id, i.id, %(now)s, %(now)s
FROM inventory i WHERE i.id %% 10 > 0;
INSERT INTO asset (kind, key, name, cluster, namespace, workload, running, parent_id, first_seen, last_seen)
SELECT 'workload', 'workload-' || i.id, 'workload-' || i.id, n.cluster, n.namespace, 'workload-' || i.id, true, n.id,
    %(now)s, %(now)s
FROM inventory i
JOIN asset n ON n.kind = 'namespace' AND n.key = 'cluster-' || i.id %% 4 || '/ns-' || i.id / 4 %% 10
WHERE i.id %% 10 BETWEEN 1 AND 6;
INSERT INTO asset (kind, key, name, cluster, namespace, workload, host, image, unit_id, inventory_id, running,
    parent_id, first_seen, last_seen)
SELECT 'container', 'container-' || w.id || '-' || x.image || '-' || r, 'container-' || r, w.cluster, w.namespace,
    w.workload, h.name, m.image, w.id, m.inventory_id, true, w.id, %(now)s, %(now)s
FROM asset w
CROSS JOIN LATERAL (
    SELECT substr(w.key, 10)::int AS image
    UNION
    SELECT 1 + substr(w.key, 10)::int %% 4 WHERE w.id %% 3 = 0
) x
JOIN asset m ON m.kind = 'image' AND m.inventory_id = x.image
CROSS JOIN LATERAL generate_series(1, 1 + w.id %% %(replicas)s) r
LEFT JOIN LATERAL (
    SELECT 'host-' || greatest(10, ((w.id + r) %% greatest(%(inventories)s / 10, 1) + 1) * 10) AS name
) h ON true
WHERE w.kind = 'workload';
UPDATE asset SET unit_id = id WHERE kind = 'host' OR kind = 'image' AND NOT EXISTS (
    SELECT FROM asset c WHERE c.kind = 'container' AND c.inventory_id = asset.inventory_id
);
UPDATE asset SET running = false WHERE kind = 'image' AND unit_id = id AND id %% 2 = 0;
INSERT INTO asset_inventory (asset_id, inventory_id, since)
SELECT id, inventory_id, %(now)s::timestamptz - make_interval(days => id %% 60) FROM asset
WHERE inventory_id IS NOT NULL;
INSERT INTO asset_inventory (asset_id, inventory_id, since, until)
SELECT i.asset_id, 1 + (i.inventory_id + 7) %% %(inventories)s, i.since - interval '30 days', i.since
FROM asset_inventory i WHERE i.asset_id %% 3 = 0

-- name: holders
-- A few are exposed; most are not reached, some are known to be out of reach.
INSERT INTO holder (unit_id, inventory_id, assets, running, exposure, privileges, context, most, since)
SELECT a.unit_id, a.inventory_id, count(*), bool_or(a.running),
    CASE
        WHEN k.h < 3 THEN ARRAY[28, 14, 21, 28, 10, 14, -10, 14]
        WHEN k.h < 15 THEN ARRAY[28, 0, 10, 14, 10, 7, -10, 7]
        WHEN k.h < 50 THEN ARRAY[0, 0, 0, 0, 0, 0, -10, 0]
        ELSE ARRAY[28, -8, -3, -3, -3, -4, -10, -4]
    END::smallint[],
    CASE WHEN k.h < 10 THEN '{1,3}' ELSE '{0,1}' END::smallint[], k.h %% 4 - 1, 0,
    max(i.since)
FROM asset a
JOIN asset_inventory i ON i.asset_id = a.id AND i.until IS NULL
CROSS JOIN LATERAL (SELECT abs(hashint4(a.unit_id)::bigint) %% 100 AS h) k
WHERE a.unit_id IS NOT NULL AND a.inventory_id IS NOT NULL
GROUP BY a.unit_id, a.inventory_id, k.h;
UPDATE holder SET most =
    (SELECT max(x) FROM unnest(exposure[2:8]) x) + greatest(0, privileges[1], privileges[2]) + context;
UPDATE holder SET exposure[1] = (SELECT max(x) FROM unnest(exposure[2:8]) x)

-- name: relations
-- Who talks with whom: mostly within a namespace, some across, a few from the internet.
INSERT INTO asset (kind, key, name, first_seen, last_seen)
SELECT 'internet', '', 'internet', %(now)s, %(now)s WHERE %(relations)s > 0;
INSERT INTO relation (kind, from_id, to_id, protocol, port, how, count, first_seen, last_seen)
SELECT 'connects-to', CASE WHEN g %% 50 = 0 THEN i.id ELSE a.id END, b.id, 'tcp',
    (ARRAY[80, 443, 5432, 6379, 8080, 9090])[1 + g %% 6], 'events', g %% 1000, %(now)s, %(now)s
FROM generate_series(1, %(relations)s) g
JOIN (SELECT array_agg(id ORDER BY namespace, id) AS ids FROM asset WHERE kind IN ('container', 'host')) c ON true
JOIN asset i ON i.kind = 'internet'
CROSS JOIN LATERAL (SELECT (g::bigint * 7919 %% array_length(c.ids, 1))::int AS at) x
JOIN asset a ON a.id = c.ids[1 + x.at]
JOIN asset b ON b.id = c.ids[1 + (x.at + 1 + CASE WHEN g %% 10 = 0 THEN g ELSE g %% 97 END) %% array_length(c.ids, 1)]
ON CONFLICT DO NOTHING

-- name: teams
INSERT INTO team (id, name)
SELECT ('00000000-0000-0000-0000-00000000000' || g)::uuid, 'team-' || g FROM generate_series(1, 3) g;
INSERT INTO asset_team (asset_id, team_id)
SELECT a.id, t.id FROM asset a JOIN team t ON t.name = 'team-' || 1 + substr(a.namespace, 4)::int %% 4
WHERE a.namespace <> '';
INSERT INTO asset_team (asset_id, team_id)
SELECT a.id, t.id FROM asset a JOIN team t ON t.name = 'team-' || 1 + a.id %% 5
WHERE a.kind IN ('image', 'host')

-- name: uses
INSERT INTO holder_use (package_version_id, holder_id, points)
SELECT p.package_version_id, h.id, CASE WHEN random() < 0.6 THEN 22 ELSE -8 END
FROM holder h
JOIN inventory_package p USING (inventory_id)
WHERE random() < %(used)s AND EXISTS (SELECT FROM match m WHERE m.package_version_id = p.package_version_id)

-- name: triage
INSERT INTO triage (unit_id, package_id, advisory_id, state, by_id)
SELECT DISTINCT ON (h.unit_id, v.package_id, m.advisory_id) h.unit_id, v.package_id, m.advisory_id,
    CASE WHEN random() < 0.7 THEN 'accepted' ELSE 'not_affected' END, gen_random_uuid()
FROM (SELECT * FROM holder ORDER BY random() LIMIT 50) h
JOIN inventory_package p USING (inventory_id)
JOIN match m USING (package_version_id)
JOIN package_version v ON v.id = p.package_version_id
WHERE random() < 0.1

-- name: random
-- Values that no rule would give, so that nothing rests on which ones they are.
UPDATE match SET points = floor(random() * 60 - 5), class = 1 + floor(random() * 8), weight = floor(random() * 3),
    severity = floor(random() * 6), kev = random() < 0.1, fixable = random() < 0.5, ignored = random() < 0.1;
UPDATE holder SET context = floor(random() * 7 - 2), running = (ARRAY[true, false, NULL])[1 + floor(random() * 3)],
    exposure = (SELECT array_agg(floor(random() * 49 - 20)) FROM generate_series(1, 8) WHERE holder.id > 0),
    privileges = ARRAY[floor(random() * 4), floor(random() * 4)];
UPDATE holder SET most = (SELECT max(x) FROM unnest(exposure) x) + greatest(0, privileges[1], privileges[2]) + context
