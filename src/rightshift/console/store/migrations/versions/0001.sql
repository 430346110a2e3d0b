-- What is known (facts), what follows from it (conclusions), what people wish, who they are, what happened.
-- Facts are never edited by hand; conclusions can be thrown away and derived again.

CREATE TABLE installation (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    created timestamptz NOT NULL DEFAULT now(),
    finding_key bytea NOT NULL -- 16 bytes; ids of findings are enciphered with it, so that they tell and prove nothing
        DEFAULT decode(md5(gen_random_uuid()::text || gen_random_uuid()::text), 'hex'),
    vault bytea                           -- something that the vault's keys open; null as long as there were none
);
INSERT INTO installation DEFAULT VALUES;

-- Facts: who reports --------------------------------------------------------------------------------------------

CREATE TABLE reporter (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key text NOT NULL UNIQUE,             -- what a facts document names as `reporter`
    kind text NOT NULL,                   -- scans, sensor, kubernetes, cloud
    name text NOT NULL DEFAULT '',
    epoch text NOT NULL DEFAULT '',       -- of the last document that was taken
    sequence bigint NOT NULL DEFAULT -1,
    mark bigint NOT NULL DEFAULT 0,       -- how many full documents were taken
    boot text NOT NULL DEFAULT '',
    wants_full boolean NOT NULL DEFAULT true,
    skew_ms bigint NOT NULL DEFAULT 0,    -- its clock minus ours at the last document
    from_ms bigint NOT NULL DEFAULT 0,    -- window of the last document
    to_ms bigint NOT NULL DEFAULT 0,
    probes jsonb NOT NULL DEFAULT '[]',   -- as the last document told them
    gaps jsonb NOT NULL DEFAULT '[]',
    dropped bigint NOT NULL DEFAULT 0,    -- documents and items that its spool threw away, in all
    missing bigint NOT NULL DEFAULT 0,    -- documents that were numbered and never came, in all
    lost bigint NOT NULL DEFAULT 0,       -- events that its probes lost, in all
    program text NOT NULL DEFAULT '',     -- that made the last document, with its version
    version integer NOT NULL DEFAULT 1,   -- of its name
    created timestamptz NOT NULL DEFAULT now(),
    seen timestamptz                      -- when the last document came
);
CREATE TABLE reporter_epoch (             -- runs of a reporter that are over: what comes of one again is a replay
    reporter_id integer NOT NULL REFERENCES reporter ON DELETE CASCADE,
    epoch text NOT NULL,
    PRIMARY KEY (reporter_id, epoch)
);

-- Facts: what was seen. `mark` counts the reporter's full documents: one sweeps what carries an older mark. ------

CREATE TABLE asset_fact (
    reporter_id integer NOT NULL REFERENCES reporter ON DELETE CASCADE,
    kind text NOT NULL,
    key text NOT NULL,                    -- processes: HOST/BOOT/PID-START
    parent_kind text,
    parent_key text,
    attributes jsonb NOT NULL DEFAULT '{}',
    mark bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    ended timestamptz,
    PRIMARY KEY (reporter_id, kind, key)
);
CREATE INDEX ON asset_fact (kind, key);
CREATE INDEX ON asset_fact (parent_kind, parent_key);
CREATE INDEX ON asset_fact (reporter_id) WHERE ended IS NULL;
CREATE INDEX ON asset_fact ((attributes ->> 'machine_id')) WHERE kind = 'host';
CREATE INDEX ON asset_fact ((attributes ->> 'cloud_id')) WHERE kind = 'host';

CREATE TABLE relation_fact (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reporter_id integer NOT NULL REFERENCES reporter ON DELETE CASCADE,
    kind text NOT NULL,
    from_kind text NOT NULL, from_key text NOT NULL,
    to_kind text NOT NULL, to_key text NOT NULL,
    protocol text NOT NULL DEFAULT '',
    port integer NOT NULL DEFAULT 0,
    to_port integer NOT NULL DEFAULT 0,
    how text NOT NULL,
    mark bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    ended timestamptz,
    UNIQUE (reporter_id, kind, from_kind, from_key, to_kind, to_key, protocol, port, to_port)
);
CREATE INDEX ON relation_fact (from_kind, from_key);
CREATE INDEX ON relation_fact (to_kind, to_key);
CREATE INDEX ON relation_fact (reporter_id) WHERE ended IS NULL;

CREATE TABLE listener_fact (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reporter_id integer NOT NULL REFERENCES reporter ON DELETE CASCADE,
    kind text NOT NULL, key text NOT NULL, -- of the asset whose it is
    protocol text NOT NULL, address text NOT NULL, port integer NOT NULL,
    how text NOT NULL,
    public boolean,
    mark bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    ended timestamptz,
    UNIQUE (reporter_id, kind, key, protocol, address, port)
);
CREATE INDEX ON listener_fact (kind, key);
CREATE INDEX ON listener_fact (reporter_id) WHERE ended IS NULL;

CREATE TABLE connection_fact (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reporter_id integer NOT NULL REFERENCES reporter ON DELETE CASCADE,
    kind text NOT NULL, key text NOT NULL,
    protocol text NOT NULL, direction text NOT NULL, local text NOT NULL, remote text NOT NULL, port integer NOT NULL,
    how text NOT NULL,
    count bigint NOT NULL DEFAULT 0, failed bigint NOT NULL DEFAULT 0,
    sent_bytes bigint NOT NULL DEFAULT 0, received_bytes bigint NOT NULL DEFAULT 0,
    real text NOT NULL DEFAULT '', real_port integer NOT NULL DEFAULT 0,
    name text NOT NULL DEFAULT '',
    mark bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    UNIQUE (reporter_id, kind, key, protocol, direction, local, remote, port)
) WITH (fillfactor = 70);
CREATE INDEX ON connection_fact (kind, key);

CREATE TABLE use_fact (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reporter_id integer NOT NULL REFERENCES reporter ON DELETE CASCADE,
    kind text NOT NULL, key text NOT NULL,
    path text NOT NULL, device numeric(20) NOT NULL DEFAULT 0, inode numeric(20) NOT NULL DEFAULT 0,
    level text NOT NULL, how text NOT NULL,
    count bigint NOT NULL DEFAULT 0,
    mark bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    UNIQUE (reporter_id, kind, key, path, device, inode, level, how)
);
CREATE INDEX ON use_fact (kind, key);

-- Facts: what is in it ------------------------------------------------------------------------------------------

CREATE TABLE package (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ecosystem text NOT NULL,              -- purl type
    name text NOT NULL,                   -- whole, as the ecosystem writes it
    UNIQUE (ecosystem, name)
);
CREATE INDEX package_name ON package (lower(name) text_pattern_ops);

-- By which names people look for a package: the whole one in any case, with / for the colon of Maven, for PyPI in any
-- spelling (PEP 503); and its last part, without the major version that Go puts behind it.
CREATE FUNCTION package_spelling(ecosystem text, name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE ecosystem
    WHEN 'pypi' THEN regexp_replace(lower(name), '[-_.]+', '-', 'g')
    ELSE translate(lower(name), ':', '/')
END;
CREATE FUNCTION package_last(ecosystem text, name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(
    CASE ecosystem
        WHEN 'golang' THEN regexp_replace(package_spelling(ecosystem, name), '[/.]v[0-9]+$', '')
        ELSE package_spelling(ecosystem, name)
    END,
    '^.*/', ''
);
CREATE INDEX package_spelling ON package (package_spelling(ecosystem, name));
CREATE INDEX package_last ON package (package_last(ecosystem, name));

CREATE TABLE package_version (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key bytea NOT NULL UNIQUE,            -- 16 bytes of BLAKE2b over all that matching looks at
    package_id integer NOT NULL REFERENCES package,
    version text NOT NULL,
    purl text NOT NULL,
    namespace text NOT NULL DEFAULT '',
    arch text NOT NULL DEFAULT '',
    source_name text NOT NULL DEFAULT '',
    source_version text NOT NULL DEFAULT '',
    distro jsonb,                         -- id, version, like, codename, name
    modularity text NOT NULL DEFAULT '',
    matchable boolean NOT NULL            -- false: its name proves nothing (owned by an OS package, from git, absent)
);
CREATE INDEX ON package_version (package_id);

CREATE TABLE inventory (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest bytea NOT NULL UNIQUE,         -- SHA-256 of the packages with their places, in a stable order
    packages integer NOT NULL,
    created timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE inventory_package (
    inventory_id integer NOT NULL REFERENCES inventory ON DELETE CASCADE,
    package_version_id integer NOT NULL REFERENCES package_version,
    state text NOT NULL,
    origin text NOT NULL,
    evidence text NOT NULL DEFAULT '',
    owner text NOT NULL DEFAULT '',
    locations text[] NOT NULL DEFAULT '{}',
    licenses text[] NOT NULL DEFAULT '{}',
    layer smallint,
    dev boolean NOT NULL DEFAULT false,
    optional boolean NOT NULL DEFAULT false,
    PRIMARY KEY (inventory_id, package_version_id)
);
CREATE INDEX ON inventory_package (package_version_id, inventory_id);

CREATE TABLE scan (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    document_id text NOT NULL UNIQUE,
    reporter_id integer NOT NULL REFERENCES reporter ON DELETE CASCADE,
    sent_by text NOT NULL DEFAULT '',     -- name of the token or user
    received timestamptz NOT NULL DEFAULT now(),
    made timestamptz NOT NULL,
    format text NOT NULL,                 -- rightshift, cyclonedx, spdx
    kind text NOT NULL, key text NOT NULL, -- of the asset
    name text NOT NULL,                   -- as it was asked for
    inventory_id integer NOT NULL REFERENCES inventory,
    partial boolean NOT NULL,
    tool text NOT NULL, tool_version text NOT NULL, catalogue text NOT NULL DEFAULT '',
    distro jsonb,
    layers jsonb NOT NULL DEFAULT '[]',
    gaps jsonb NOT NULL DEFAULT '[]',
    covered_elsewhere jsonb NOT NULL DEFAULT '[]',
    notes jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX ON scan (kind, key, made DESC);
CREATE INDEX ON scan (inventory_id);

-- What is to be derived again. Only added to, in the transaction of the fact; `derive` takes it out in batches. ---

CREATE TABLE dirty (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what text NOT NULL,                   -- package_version, advisory (rated), inventory, asset (its fact), reporter, wishes
    which bigint NOT NULL DEFAULT 0,
    kind text NOT NULL DEFAULT '',
    key text NOT NULL DEFAULT '',
    tries smallint NOT NULL DEFAULT 0     -- how often the work on it ended badly; then it is done with fewer others
);
CREATE INDEX ON dirty (what, id);
CREATE INDEX dirty_tried ON dirty (what, id) WHERE tries > 0;

CREATE TABLE working (                    -- the marks that are worked on: whoever takes over sees what another died of
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    what text NOT NULL DEFAULT '', first bigint NOT NULL DEFAULT 0, last bigint NOT NULL DEFAULT 0,
    tries smallint NOT NULL DEFAULT 0,    -- that these marks had; from 2 on it is one thing alone
    which bigint NOT NULL DEFAULT 0, kind text NOT NULL DEFAULT '', key text NOT NULL DEFAULT ''
);
INSERT INTO working DEFAULT VALUES;

CREATE TABLE set_aside (                  -- things of which nothing could be concluded, so that they hold up no others
    what text NOT NULL, which bigint NOT NULL, kind text NOT NULL, key text NOT NULL,
    reason text NOT NULL,
    program text NOT NULL,                -- the version that tried
    at timestamptz NOT NULL,
    PRIMARY KEY (what, which, kind, key)
);

-- Conclusions ---------------------------------------------------------------------------------------------------

CREATE TABLE asset (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
    kind text NOT NULL,
    key text NOT NULL,
    name text NOT NULL,
    parent_id integer REFERENCES asset ON DELETE SET NULL,
    attributes jsonb NOT NULL DEFAULT '{}',
    labels jsonb NOT NULL DEFAULT '{}',
    cloud text NOT NULL DEFAULT '', region text NOT NULL DEFAULT '', cluster text NOT NULL DEFAULT '',
    namespace text NOT NULL DEFAULT '', workload text NOT NULL DEFAULT '', host text NOT NULL DEFAULT '',
    image text NOT NULL DEFAULT '',       -- name of the image it is, or is an instance of
    unit_id integer REFERENCES asset ON DELETE SET NULL, -- workload, image or host that stands for it in lists
    inventory_id integer REFERENCES inventory,
    running boolean,                      -- null is unknown
    exposure smallint[] NOT NULL DEFAULT '{0,0,0,0,0,0,0,0}', -- points by class of the advisory: assess/classes
    privileges smallint[] NOT NULL DEFAULT '{0,0}',           -- partial, total
    context smallint NOT NULL DEFAULT 0,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    gone timestamptz,
    UNIQUE (kind, key)
);
CREATE INDEX ON asset (parent_id);
CREATE INDEX ON asset (unit_id);
CREATE INDEX ON asset (inventory_id);
CREATE INDEX ON asset (name, uid);
CREATE INDEX ON asset (lower(name) text_pattern_ops);
CREATE INDEX asset_address ON asset USING gin ((attributes -> 'addresses')) WITH (fastupdate = off)
    WHERE gone IS NULL AND kind <> 'container';
CREATE INDEX container_address ON asset USING gin ((attributes -> 'addresses')) WITH (fastupdate = off)
    WHERE gone IS NULL AND kind = 'container';

CREATE TABLE asset_alias (                -- other names of an asset: digests of an image's manifest
    kind text NOT NULL, key text NOT NULL,
    asset_id integer NOT NULL REFERENCES asset ON DELETE CASCADE,
    PRIMARY KEY (kind, key)
);

CREATE TABLE asset_inventory (            -- what an asset held when; the open one has no end
    asset_id integer NOT NULL REFERENCES asset ON DELETE CASCADE,
    inventory_id integer NOT NULL REFERENCES inventory,
    since timestamptz NOT NULL,
    until timestamptz,
    PRIMARY KEY (asset_id, since)
);
CREATE INDEX ON asset_inventory (inventory_id);

CREATE TABLE relation (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind text NOT NULL,
    from_id integer NOT NULL REFERENCES asset ON DELETE CASCADE,
    to_id integer NOT NULL REFERENCES asset ON DELETE CASCADE,
    protocol text NOT NULL DEFAULT '',
    port integer NOT NULL DEFAULT 0,
    how text NOT NULL DEFAULT '',
    count bigint NOT NULL DEFAULT 0,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    ended timestamptz,
    UNIQUE (kind, from_id, to_id, protocol, port)
);
CREATE INDEX ON relation (to_id);

CREATE TABLE holder (                     -- a row of a list is about one: a unit and an inventory that it holds
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    unit_id integer NOT NULL REFERENCES asset ON DELETE CASCADE,
    inventory_id integer NOT NULL REFERENCES inventory ON DELETE CASCADE,
    assets integer NOT NULL,              -- how many assets stand behind it
    running boolean,
    exposure smallint[] NOT NULL,         -- the highest of its assets, by class
    privileges smallint[] NOT NULL,
    context smallint NOT NULL,
    most smallint NOT NULL,               -- the most that this holder can add to a match, use aside
    bands integer[] NOT NULL DEFAULT '{0,0,0,0}', -- its findings by band, Fix now first
    facet bigint NOT NULL DEFAULT 0,      -- where they are counted by more than that; 0 is not yet
    since timestamptz NOT NULL,
    UNIQUE (unit_id, inventory_id)
);
CREATE INDEX ON holder (inventory_id);

CREATE TABLE team (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL UNIQUE,
    selector jsonb NOT NULL DEFAULT '{}', -- clusters, namespaces, labels, images, hosts: patterns
    version integer NOT NULL DEFAULT 1,
    created timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE asset_team (                 -- derived from the selectors; who may see what
    asset_id integer NOT NULL REFERENCES asset ON DELETE CASCADE,
    team_id uuid NOT NULL REFERENCES team ON DELETE CASCADE,
    PRIMARY KEY (asset_id, team_id)
);
CREATE INDEX ON asset_team (team_id, asset_id);

CREATE TABLE advisory (                   -- what is said of it beside packages is read from the feed
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE,            -- the id that people know
    aliases text[] NOT NULL DEFAULT '{}',
    summary text NOT NULL DEFAULT '',
    published text NOT NULL DEFAULT '',
    asked text[] NOT NULL DEFAULT '{}',   -- all ids by which its matches were judged: what changes there is judged again
    threat bigint NOT NULL DEFAULT 0      -- digest of what KEV and EPSS said of those
);
CREATE INDEX ON advisory USING gin (aliases);

CREATE TABLE match (                      -- a package version and an advisory group that holds for it
    package_version_id integer NOT NULL REFERENCES package_version ON DELETE CASCADE,
    advisory_id integer NOT NULL REFERENCES advisory,
    points smallint NOT NULL,             -- what the advisory alone gives: threat, impact, context
    class smallint NOT NULL,              -- 1 to 8, place in `exposure`: assess/classes
    weight smallint NOT NULL,             -- 1 partial, 2 total: place in `privileges`; 0 where the match has them all
    severity smallint NOT NULL,           -- 0 unknown, 1 none, 2 low, 3 medium, 4 high, 5 critical
    certain boolean NOT NULL,
    kev boolean NOT NULL,
    ransomware boolean NOT NULL,
    malicious boolean NOT NULL,
    ignored boolean NOT NULL,
    fixable boolean NOT NULL,
    epss real,
    vector text NOT NULL DEFAULT '',
    fixed text[] NOT NULL DEFAULT '{}',
    records text[] NOT NULL DEFAULT '{}',
    judged text[] NOT NULL DEFAULT '{}',  -- the same in the order in which they were asked
    cves text[] NOT NULL DEFAULT '{}',    -- that they are about: with both it is rated again, and not matched
    rule text NOT NULL DEFAULT '',
    evidence jsonb NOT NULL DEFAULT '[]', -- parts of the sum
    turns date,                           -- when its points change with time alone; null is never
    first_seen timestamptz NOT NULL,
    PRIMARY KEY (package_version_id, advisory_id)
);
CREATE INDEX match_rank ON match (points DESC, package_version_id, advisory_id);
CREATE INDEX ON match (advisory_id);
CREATE INDEX ON match (turns) WHERE turns IS NOT NULL;

CREATE TABLE matched (                    -- with which generation a package version was matched last
    package_version_id integer PRIMARY KEY REFERENCES package_version ON DELETE CASCADE,
    lineage text NOT NULL,
    generation bigint NOT NULL
);
CREATE TABLE looked_for (                 -- names in the feed under which a package version is looked for
    ecosystem text NOT NULL,              -- OSV's, without release
    name text NOT NULL,                   -- as compared
    known integer NOT NULL DEFAULT 0,     -- CVEs known of that name, and those of them that were exploited
    exploited integer NOT NULL DEFAULT 0,
    package_version_id integer NOT NULL REFERENCES package_version ON DELETE CASCADE,
    PRIMARY KEY (ecosystem, name, package_version_id)
);
CREATE INDEX ON looked_for (package_version_id);

CREATE TABLE use (                        -- loaded or not, by package version and asset: derive/use
    asset_id integer NOT NULL REFERENCES asset ON DELETE CASCADE,
    package_version_id integer NOT NULL REFERENCES package_version ON DELETE CASCADE,
    level text NOT NULL,
    points smallint NOT NULL,
    evidence jsonb NOT NULL DEFAULT '{}',
    since timestamptz NOT NULL,
    PRIMARY KEY (asset_id, package_version_id)
);

CREATE TABLE holder_use (                 -- what `use` comes to for a holder: the highest of its assets, none counts 0
    package_version_id integer NOT NULL REFERENCES package_version ON DELETE CASCADE,
    holder_id integer NOT NULL REFERENCES holder ON DELETE CASCADE,
    points smallint NOT NULL CHECK (points <> 0),
    PRIMARY KEY (package_version_id, holder_id)
);
CREATE INDEX ON holder_use (holder_id);
CREATE INDEX ON holder_use (points);

CREATE TABLE facet (                      -- findings of an inventory, as those holders have them that add the same
    id bigint NOT NULL,                   -- inventory_id << 20, and the number of those holders from 1 on
    ecosystem text NOT NULL,              -- empty: all of them
    inventory_id integer NOT NULL REFERENCES inventory ON DELETE CASCADE,
    total integer NOT NULL,
    findings integer[] NOT NULL,          -- by 8 * severity + 4 * fixable + band, Routine first
    kev integer[],                        -- the same, of those that are exploited; null where none is
    PRIMARY KEY (id, ecosystem)
);
CREATE INDEX ON facet (inventory_id);

CREATE TABLE triage (                     -- findings that are not open, and why; derived from wishes
    unit_id integer NOT NULL REFERENCES asset ON DELETE CASCADE,
    package_id integer NOT NULL REFERENCES package,
    advisory_id integer NOT NULL REFERENCES advisory,
    state text NOT NULL,                  -- accepted, not_affected
    by_id uuid NOT NULL,                  -- the acceptance or statement
    until timestamptz,
    cell smallint,                        -- place in `facet.findings`, 100 more in KEV; null where nothing holds it
    PRIMARY KEY (unit_id, package_id, advisory_id)
);

CREATE TABLE derived (                    -- how far conclusions are
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    lineage text NOT NULL DEFAULT '',
    generation bigint NOT NULL DEFAULT -1,
    threat text NOT NULL DEFAULT '',      -- which KEV and EPSS, and which version of this program judged
    at timestamptz
);
INSERT INTO derived DEFAULT VALUES;

-- What happened -------------------------------------------------------------------------------------------------

CREATE TABLE event (
    -- about an asset's new inventory, or about a match and so about all that hold it
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    kind text NOT NULL,                   -- match.new, match.changed, match.gone, inventory.changed, asset.new, asset.gone, …
    asset_id integer REFERENCES asset ON DELETE CASCADE,
    package_version_id integer REFERENCES package_version ON DELETE CASCADE,
    advisory_id integer REFERENCES advisory ON DELETE CASCADE,
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX ON event (asset_id, id);
CREATE INDEX ON event (advisory_id, id);
CREATE FUNCTION event_in_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN -- one transaction adds events at a time: whoever saw a number has seen all that are lower
    PERFORM pg_advisory_xact_lock(1920166262);
    RETURN NULL;
END $$;
CREATE TRIGGER event_numbered BEFORE INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION event_in_order();

-- Wishes --------------------------------------------------------------------------------------------------------

CREATE TABLE acceptance (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    unit text NOT NULL DEFAULT '',        -- pattern of a workload, image repository or host; empty for all in scope
    ecosystem text NOT NULL DEFAULT '', package text NOT NULL DEFAULT '',
    advisory text NOT NULL,               -- any alias
    reason text NOT NULL,
    until date NOT NULL,                  -- the last day, UTC
    owner text NOT NULL,
    teams uuid[],                         -- scope of whoever accepted; null is everything
    created timestamptz NOT NULL DEFAULT now(),
    ended timestamptz
);
CREATE TABLE vex_statement (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    document text NOT NULL,
    product text NOT NULL DEFAULT '', package text NOT NULL, advisory text NOT NULL,
    status text NOT NULL, justification text NOT NULL DEFAULT '', said text NOT NULL DEFAULT '',
    author text NOT NULL DEFAULT '', teams uuid[],
    created timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE source (                     -- something that jobs scan: an image name, a host path, …
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    reference text NOT NULL,
    ecosystems text[] NOT NULL DEFAULT '{}',
    trusted boolean NOT NULL DEFAULT false, -- may lead to private networks: whoever wrote the reference may read this machine
    version integer NOT NULL DEFAULT 1,
    teams uuid[],
    created timestamptz NOT NULL DEFAULT now(), created_by text NOT NULL DEFAULT '',
    UNIQUE NULLS NOT DISTINCT (name, teams) -- a name that another team has tells nothing
);
CREATE TABLE schedule (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    job text NOT NULL,                    -- scan_source, update_feed, retain
    source_id uuid REFERENCES source ON DELETE CASCADE,
    cron text NOT NULL, zone text NOT NULL,
    enabled boolean NOT NULL DEFAULT true,
    next_run timestamptz, last_run timestamptz,
    version integer NOT NULL DEFAULT 1,
    teams uuid[],
    created timestamptz NOT NULL DEFAULT now(), created_by text NOT NULL DEFAULT '',
    UNIQUE NULLS NOT DISTINCT (name, teams)
);
CREATE INDEX ON schedule (next_run) WHERE enabled;
CREATE INDEX ON schedule (source_id);
CREATE TABLE setting (
    name text PRIMARY KEY,
    value jsonb NOT NULL,
    version integer NOT NULL DEFAULT 1
);
CREATE TABLE identity_provider (
    name text PRIMARY KEY,                -- as it stands in addresses
    label text NOT NULL,
    issuer text NOT NULL UNIQUE,
    client_id text NOT NULL,
    client_secret bytea NOT NULL,         -- enciphered by the vault, for this issuer
    scopes text[] NOT NULL,
    groups_claim text NOT NULL,
    rules jsonb NOT NULL,                 -- group, role, everything, teams
    otherwise jsonb,                      -- role, everything, teams of whom no group gives a role; null: they stay out
    trust_mfa boolean NOT NULL,           -- its sign-in counts as the second factor too
    local boolean NOT NULL,               -- its host may lead to this machine and to private networks
    console text NOT NULL,                -- scheme and host by which browsers reach the console; empty: as they ask
    enabled boolean NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created timestamptz NOT NULL, created_by text NOT NULL
);

-- Jobs: what Procrastinate does not keep ------------------------------------------------------------------------

CREATE TABLE job_run (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    job_id bigint UNIQUE,                 -- Procrastinate's
    name text NOT NULL,
    arguments jsonb NOT NULL DEFAULT '{}',
    wished_by text NOT NULL DEFAULT '',
    source_id uuid, schedule_id uuid, teams uuid[],
    lock text NOT NULL DEFAULT '',        -- of those with the same one only one waits and one runs
    state text NOT NULL DEFAULT 'waiting', -- waiting, running, done, failed, cancelled
    attempt integer NOT NULL DEFAULT 0,
    done bigint NOT NULL DEFAULT 0, total bigint, doing text NOT NULL DEFAULT '',
    result jsonb, error text NOT NULL DEFAULT '',
    created timestamptz NOT NULL DEFAULT now(), started timestamptz, ended timestamptz,
    cancel boolean NOT NULL DEFAULT false
);
CREATE INDEX ON job_run (created DESC, id DESC);
CREATE INDEX ON job_run (source_id, created DESC);
CREATE UNIQUE INDEX job_run_waits_once ON job_run (lock) WHERE state = 'waiting' AND attempt = 0 AND lock <> '';
CREATE INDEX job_run_unsent ON job_run (created) WHERE state = 'waiting' AND job_id IS NULL;
CREATE TABLE job_log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id uuid NOT NULL REFERENCES job_run ON DELETE CASCADE,
    at timestamptz NOT NULL DEFAULT now(),
    line text NOT NULL
);
CREATE INDEX ON job_log (run_id, id);

-- The feed's file, for processes that share no disk -------------------------------------------------------------

CREATE TABLE feed_file (
    name text NOT NULL, lineage text NOT NULL, generation bigint NOT NULL,
    sha256 bytea NOT NULL, size_bytes bigint NOT NULL, parts integer NOT NULL,
    added timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, sha256)
);
CREATE TABLE feed_part (
    sha256 bytea NOT NULL, part integer NOT NULL, content bytea NOT NULL,
    PRIMARY KEY (sha256, part)
);
ALTER TABLE feed_part ALTER COLUMN content SET STORAGE EXTERNAL;

-- Identities ----------------------------------------------------------------------------------------------------

CREATE TABLE person (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,                   -- unique without regard to case
    email text NOT NULL DEFAULT '',
    role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin')),
    everything boolean NOT NULL DEFAULT false, -- else only what is in the teams
    password text,                        -- argon2id; null where OIDC or nothing yet
    totp bytea,                           -- enciphered by the vault
    totp_step bigint NOT NULL DEFAULT 0,  -- the last one that was used
    issuer text, subject text,            -- how a provider names them; no mail address ever joins the two
    by_groups boolean NOT NULL DEFAULT false, -- role and teams are those of the provider's groups, taken at each sign-in
    disabled boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    created timestamptz NOT NULL DEFAULT now(),
    seen timestamptz,
    visited timestamptz,                  -- of the visit before this one
    UNIQUE (issuer, subject)
);
CREATE UNIQUE INDEX person_name ON person (lower(name));
CREATE TABLE person_team (
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    team_id uuid NOT NULL REFERENCES team ON DELETE CASCADE,
    PRIMARY KEY (person_id, team_id)
);
CREATE TABLE recovery_code (
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    hash bytea NOT NULL,
    PRIMARY KEY (person_id, hash)
);
CREATE TABLE one_time_link (              -- first sign-in, invitation, reset
    hash bytea PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    expires timestamptz NOT NULL
);
CREATE TABLE session (
    hash bytea PRIMARY KEY,               -- SHA-256 of the secret in the cookie
    person_id uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    complete boolean NOT NULL,            -- false between password and code
    csrf bytea NOT NULL,
    address text NOT NULL DEFAULT '', agent text NOT NULL DEFAULT '',
    created timestamptz NOT NULL DEFAULT now(), used timestamptz NOT NULL DEFAULT now(),
    expires timestamptz NOT NULL
);
CREATE INDEX ON session (person_id);
CREATE TABLE token (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind text NOT NULL CHECK (kind IN ('person', 'service', 'enrolment', 'sensor')),
    name text NOT NULL,
    hash bytea NOT NULL UNIQUE,
    hint text NOT NULL DEFAULT '',        -- its last four characters
    person_id uuid REFERENCES person ON DELETE CASCADE,
    reporter_id integer REFERENCES reporter ON DELETE CASCADE,
    permissions text[] NOT NULL DEFAULT '{}',
    teams uuid[],                         -- null is everything
    uses_left integer,                    -- of an enrolment token; null is no limit
    created timestamptz NOT NULL DEFAULT now(), created_by text NOT NULL DEFAULT '',
    expires timestamptz NOT NULL,
    revoked timestamptz, used timestamptz,
    replaces uuid REFERENCES token ON DELETE SET NULL -- of a sensor: the credential that asked for this one
);
CREATE INDEX ON token (reporter_id) WHERE reporter_id IS NOT NULL;
CREATE INDEX ON token (replaces) WHERE replaces IS NOT NULL;
CREATE TABLE oidc_flow (                  -- between going to the provider and coming back, in one browser
    state_hash bytea PRIMARY KEY,
    browser_hash bytea NOT NULL,          -- of the cookie, which nonce and verifier follow from: neither is kept
    provider text NOT NULL REFERENCES identity_provider ON DELETE CASCADE,
    provider_version integer NOT NULL,
    redirect_uri text NOT NULL, return_to text NOT NULL,
    address text NOT NULL,                -- of who began
    expires timestamptz NOT NULL
);
CREATE INDEX ON oidc_flow (address, expires);
CREATE TABLE throttle (                   -- failures by what was tried: a name, an address
    what text PRIMARY KEY,
    failures integer NOT NULL,
    until timestamptz NOT NULL
);

CREATE TABLE audit (                      -- only added to; each line carries the hash of the one before
    id bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL, actor_kind text NOT NULL,
    action text NOT NULL, target text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    before jsonb, after jsonb,
    outcome text NOT NULL,                -- done, denied, failed
    hash bytea NOT NULL
);
CREATE INDEX ON audit (at);
CREATE FUNCTION audit_is_only_added_to() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_only_added_to();
