-- name: base
-- What `populate` does not make: scans, relations, events and decisions on what it made.
INSERT INTO reporter (key, kind) VALUES ('scans', 'scans');
INSERT INTO scan (document_id, reporter_id, made, format, kind, key, name, inventory_id, partial, tool, tool_version)
SELECT 'scan-' || a.id, 1, %(now)s, 'rightshift', a.kind, a.key, a.name, a.inventory_id, a.id %% 2 = 0, 'rightshift', '1'
FROM asset a WHERE a.kind IN ('image', 'host');
INSERT INTO relation (kind, from_id, to_id, protocol, port, count, first_seen, last_seen)
SELECT 'connects-to', a.id, b.id, 'tcp', 443, 7, %(now)s, %(now)s
FROM asset a JOIN asset b ON b.kind = 'container' AND (a.id + b.id) %% 7 = 0 WHERE a.kind = 'container' AND a.id <> b.id;
INSERT INTO event (at, kind, asset_id) SELECT %(now)s, 'inventory.changed', id FROM asset WHERE kind = 'container';
INSERT INTO event (at, kind, package_version_id, advisory_id)
SELECT %(now)s, 'match.new', package_version_id, advisory_id FROM match;
INSERT INTO matched (package_version_id, lineage, generation) SELECT id, 'a', 1 FROM package_version;
INSERT INTO acceptance (advisory, reason, until, owner, teams, created)
SELECT 'CVE-2024-' || 10000 + g, 'because', '2026-12-31', 'Otto', CASE WHEN g %% 2 = 0 THEN ARRAY[%(team)s::uuid] END, %(now)s
FROM generate_series(1, 9) g;
INSERT INTO setting (name, value) VALUES ('mfa', '{"required": "everybody"}')

-- name: acceptance
INSERT INTO acceptance (advisory, reason, until, owner, teams, created)
VALUES (%(name)s, %(name)s, '2026-12-31', %(name)s, %(teams)s, %(now)s) RETURNING id

-- name: document
INSERT INTO vex_statement (document, package, advisory, status, author, teams, created)
VALUES (%(name)s, 'pkg:npm/' || %(name)s, %(name)s, 'not_affected', %(name)s, %(teams)s, %(now)s) RETURNING document

-- name: source
INSERT INTO source (name, reference, teams, created, created_by)
VALUES (%(name)s, 'registry.example/' || %(name)s, %(teams)s, %(now)s, %(name)s) RETURNING id

-- name: schedule
INSERT INTO schedule (name, job, source_id, cron, zone, teams, created, created_by)
VALUES (%(name)s, 'scan_source', %(source)s, '30 2 * * *', 'UTC', %(teams)s, %(now)s, %(name)s) RETURNING id

-- name: job
WITH run AS (
    INSERT INTO job_run (name, wished_by, teams, arguments, error, source_id, created)
    VALUES ('scan_source', %(name)s, %(teams)s, jsonb_build_object('reference', %(name)s::text), %(name)s, %(source)s, %(now)s)
    RETURNING id
), line AS (INSERT INTO job_log (run_id, at, line) SELECT id, %(now)s, %(name)s FROM run)
SELECT id FROM run

-- name: failed_job
INSERT INTO job_run (name, state, wished_by, teams, error, created, ended)
VALUES ('scan_source', 'failed', %(name)s, %(teams)s, %(name)s, %(now)s, %(now)s) RETURNING id

-- name: team
INSERT INTO team (name, created) VALUES (%(name)s, %(now)s) RETURNING id

-- name: person
INSERT INTO person (name, email, role, everything, password, created)
VALUES (%(name)s, %(name)s || '@example.org', %(role)s, %(teams)s::uuid[] IS NULL, %(password)s, %(now)s) RETURNING id

-- name: person_teams
INSERT INTO person_team (person_id, team_id) SELECT %(person)s, unnest(%(teams)s::uuid[])

-- name: second_factor
UPDATE person SET totp = %(totp)s WHERE id = %(person)s

-- name: session
INSERT INTO session (hash, person_id, complete, csrf, created, used, expires)
VALUES (%(hash)s, %(person)s, %(complete)s, 'word', %(now)s, %(now)s, 'infinity')

-- name: link
INSERT INTO one_time_link (hash, person_id, expires) VALUES (%(hash)s, %(person)s, '9999-01-01')

-- name: token
INSERT INTO token (kind, name, hash, permissions, teams, person_id, reporter_id, created, created_by, used, expires)
VALUES (%(kind)s, %(name)s, %(hash)s, %(permissions)s, %(teams)s, %(person)s, %(reporter)s, %(now)s, %(name)s, %(now)s,
    '9999-01-01')
RETURNING id

-- name: reporter
INSERT INTO reporter (key, kind, name, seen) VALUES (%(key)s, 'sensor', %(name)s, %(now)s::timestamptz - interval '2 days')
ON CONFLICT (key) DO UPDATE SET name = reporter.name RETURNING id

-- name: package
WITH made AS (INSERT INTO package (ecosystem, name) VALUES ('npm', %(name)s) RETURNING id)
INSERT INTO package_version (key, package_id, version, purl, matchable)
SELECT decode(md5(%(name)s), 'hex'), id, '1.0', 'pkg:npm/' || %(name)s || '@1.0', true FROM made RETURNING id, package_id

-- name: advisory
INSERT INTO advisory (name, aliases, summary) VALUES (%(name)s, ARRAY['GHSA-' || %(name)s], %(name)s) RETURNING id

-- name: match
INSERT INTO match (package_version_id, advisory_id, points, class, weight, severity, certain, kev, ransomware,
    malicious, ignored, fixable, fixed, epss, rule, first_seen)
VALUES (%(version)s, %(advisory)s, 41, 1, 1, 5, true, true, false, false, false, true, '{2.0}', 0.9, %(name)s, %(now)s)

-- name: matched
INSERT INTO matched (package_version_id, lineage, generation) VALUES (%(version)s, 'a', 1)

-- name: inventory
INSERT INTO inventory (digest, packages, created) VALUES (sha256(%(name)s::bytea), 1, %(now)s) RETURNING id, encode(digest, 'hex')

-- name: inventory_package
INSERT INTO inventory_package (inventory_id, package_version_id, state, origin, locations)
VALUES (%(inventory)s, %(version)s, 'installed', 'installed', ARRAY[%(name)s])

-- name: asset
INSERT INTO asset (kind, key, name, host, attributes, labels, inventory_id, parent_id, running, first_seen, last_seen)
VALUES (%(kind)s, %(name)s, %(name)s, %(name)s, jsonb_build_object('note', %(name)s::text),
    jsonb_build_object('label', %(name)s::text), %(inventory)s, %(parent)s, true, %(now)s, %(now)s)
RETURNING id, uid

-- name: asset_team
INSERT INTO asset_team (asset_id, team_id) SELECT %(asset)s, unnest(%(teams)s::uuid[])

-- name: unit
UPDATE asset SET unit_id = %(unit)s WHERE id = %(asset)s

-- name: holds
INSERT INTO asset_inventory (asset_id, inventory_id, since) VALUES (%(asset)s, %(inventory)s, %(now)s)

-- name: holder
INSERT INTO holder (unit_id, inventory_id, assets, running, exposure, privileges, context, most, since)
VALUES (%(unit)s, %(inventory)s, 1, true, '{28,28,28,28,28,28,28,28}', '{1,3}', 1, 32, %(now)s)

-- name: scan
INSERT INTO scan (document_id, reporter_id, made, format, kind, key, name, inventory_id, partial, tool, tool_version, sent_by)
VALUES (%(name)s, 1, %(now)s, 'rightshift', 'host', %(key)s, %(name)s, %(inventory)s, false, %(name)s, '1', %(name)s)
RETURNING document_id

-- name: relation
INSERT INTO relation (kind, from_id, to_id, protocol, port, count, first_seen, last_seen)
VALUES ('connects-to', %(from)s, %(to)s, 'tcp', 443, 1, %(now)s, %(now)s)

-- name: events
INSERT INTO event (at, kind, asset_id, detail) VALUES (%(now)s, 'asset.new', %(asset)s, jsonb_build_object('name', %(name)s::text));
INSERT INTO event (at, kind, package_version_id, advisory_id) VALUES (%(now)s, 'match.new', %(version)s, %(advisory)s)

-- name: triage
INSERT INTO triage (unit_id, package_id, advisory_id, state, by_id)
SELECT %(unit)s, v.package_id, %(advisory)s, 'accepted', %(acceptance)s FROM package_version v WHERE v.id = %(version)s

-- name: provider
-- There may only be so many: each is the only one.
WITH gone AS (DELETE FROM identity_provider)
INSERT INTO identity_provider (name, label, issuer, client_id, client_secret, scopes, groups_claim, rules, trust_mfa,
    local, console, enabled, created, created_by)
VALUES (%(name)s, %(name)s, 'https://127.0.0.1/' || %(name)s, %(name)s, %(sealed)s, '{openid}', 'groups', '[]', false,
    false, '', true, %(now)s, 'a test')
RETURNING name

-- name: instance
INSERT INTO relation (kind, from_id, to_id, count, first_seen, last_seen)
VALUES ('instance-of', %(from)s, %(to)s, 1, %(now)s, %(now)s)

-- name: process
INSERT INTO asset_fact (reporter_id, kind, key, attributes, mark, first_seen, last_seen)
VALUES (%(reporter)s, 'process', %(name)s || '/boot/12-34', jsonb_build_object('name', %(name)s::text), 1, %(now)s, %(now)s)

-- name: linked
UPDATE person SET issuer = 'https://127.0.0.1/' || name, subject = name WHERE id = %(person)s
