-- What the questions about findings share. `held` is where is looked, `wanted` is what is looked for.

-- name: held
held AS MATERIALIZED (
    SELECT {columns}
    FROM holder h
    WHERE (%(teams)s::uuid[] IS NULL OR h.unit_id IN (
            SELECT t.asset_id FROM asset_team t WHERE t.team_id = ANY(%(teams)s)
        ))
        AND (%(team)s::uuid IS NULL OR h.unit_id IN (SELECT t.asset_id FROM asset_team t WHERE t.team_id = %(team)s))
        AND (%(units)s::integer[] IS NULL OR h.unit_id = ANY(%(units)s))
        AND (%(unit)s::uuid IS NULL OR h.unit_id = (SELECT u.id FROM asset u WHERE u.uid = %(unit)s))
        AND (%(running)s::text[] IS NULL OR coalesce(h.running::text, 'unknown') = ANY(%(running)s))
        AND (%(held_since)s::timestamptz IS NULL OR h.since >= %(held_since)s)
        AND (NOT %(placed)s
            OR h.unit_id IN (
                SELECT u.id
                FROM asset u
                WHERE (%(clusters)s::text[] IS NULL OR u.cluster = ANY(%(clusters)s))
                    AND (%(namespaces)s::text[] IS NULL OR u.namespace = ANY(%(namespaces)s))
                    AND (%(workloads)s::text[] IS NULL OR u.workload = ANY(%(workloads)s))
                    AND (%(hosts)s::text[] IS NULL OR u.host = ANY(%(hosts)s))
                    AND (%(images)s::text[] IS NULL OR u.image = ANY(%(images)s))
            )
            OR (h.unit_id, h.inventory_id) IN (
                SELECT a.unit_id, a.inventory_id
                FROM asset a
                WHERE a.gone IS NULL
                    AND a.unit_id IS NOT NULL
                    AND a.inventory_id IS NOT NULL
                    AND (%(clusters)s::text[] IS NULL OR a.cluster = ANY(%(clusters)s))
                    AND (%(namespaces)s::text[] IS NULL OR a.namespace = ANY(%(namespaces)s))
                    AND (%(workloads)s::text[] IS NULL OR a.workload = ANY(%(workloads)s))
                    AND (%(hosts)s::text[] IS NULL OR a.host = ANY(%(hosts)s))
                    AND (%(images)s::text[] IS NULL OR a.image = ANY(%(images)s))
            )
        )
)

-- name: columns
h.id, h.unit_id, h.inventory_id, h.exposure, h.privileges, h.context, h.most, h.since

-- name: held_before
-- What a unit that still is there held once and holds no more. How it could be reached then is not kept.
held AS MATERIALIZED (
    SELECT 0 AS id, b.unit_id, b.inventory_id, '{0,0,0,0,0,0,0,0}'::smallint[] AS exposure,
        '{0,0}'::smallint[] AS privileges, 0::smallint AS context, 0::smallint AS most, b.since
    FROM (
        SELECT a.unit_id, i.inventory_id, min(i.since) AS since
        FROM asset_inventory i
        JOIN asset a ON a.id = i.asset_id
        WHERE i.until IS NOT NULL
            AND (%(units)s::integer[] IS NULL OR a.unit_id = ANY(%(units)s))
            AND (%(clusters)s::text[] IS NULL OR a.cluster = ANY(%(clusters)s))
            AND (%(namespaces)s::text[] IS NULL OR a.namespace = ANY(%(namespaces)s))
            AND (%(workloads)s::text[] IS NULL OR a.workload = ANY(%(workloads)s))
            AND (%(hosts)s::text[] IS NULL OR a.host = ANY(%(hosts)s))
            AND (%(images)s::text[] IS NULL OR a.image = ANY(%(images)s))
        GROUP BY a.unit_id, i.inventory_id
    ) b
    JOIN asset u ON u.id = b.unit_id
    WHERE EXISTS (
            SELECT FROM holder h
            WHERE h.unit_id = b.unit_id
                AND (%(running)s::text[] IS NULL OR coalesce(h.running::text, 'unknown') = ANY(%(running)s))
        )
        AND NOT EXISTS (SELECT FROM holder h WHERE h.unit_id = b.unit_id AND h.inventory_id = b.inventory_id)
        AND (%(teams)s::uuid[] IS NULL OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = b.unit_id AND t.team_id = ANY(%(teams)s)
        ))
        AND (%(team)s::uuid IS NULL OR EXISTS (
            SELECT FROM asset_team t WHERE t.asset_id = b.unit_id AND t.team_id = %(team)s
        ))
        AND (%(unit)s::uuid IS NULL OR u.uid = %(unit)s)
        AND (%(held_since)s::timestamptz IS NULL OR b.since >= %(held_since)s)
)

-- name: wanted
wanted AS NOT MATERIALIZED (
    SELECT m.package_version_id, m.advisory_id, v.package_id, m.points, m.class, m.weight, m.severity, m.kev,
        m.fixable, m.first_seen, CASE WHEN m.fixable THEN coalesce(m.fixed[1], '') END AS fix
    FROM match m
    JOIN package_version v ON v.id = m.package_version_id
    WHERE (%(severities)s::smallint[] IS NULL OR m.severity = ANY(%(severities)s))
        AND (%(kev)s::boolean IS NULL OR m.kev = %(kev)s)
        AND (%(fixable)s::boolean IS NULL OR m.fixable = %(fixable)s)
        AND (%(ignored)s::boolean IS NULL OR m.ignored = %(ignored)s)
        AND (%(epss_min)s::real IS NULL OR m.epss >= %(epss_min)s)
        AND (%(matched_since)s::timestamptz IS NULL OR m.first_seen >= %(matched_since)s)
        AND (%(advisories)s::integer[] IS NULL OR m.advisory_id = ANY(%(advisories)s))
        AND (%(packages)s::integer[] IS NULL OR v.package_id = ANY(%(packages)s))
        AND (%(ecosystems)s::text[] IS NULL OR v.package_id IN (
            SELECT p.id FROM package p WHERE p.ecosystem = ANY(%(ecosystems)s)
        ))
        AND (%(own_min)s::integer IS NULL OR m.points >= %(own_min)s)
        -- each list of what a text stands in is made once, however many matches there are
        AND (%(text)s::text IS NULL OR v.package_id IN (
            SELECT p.id FROM package p WHERE strpos(lower(p.name), lower(%(text)s)) > 0
        ) OR m.advisory_id IN (
            SELECT d.id FROM advisory d
            WHERE strpos(lower(concat_ws(' ', d.name, array_to_string(d.aliases, ' '), d.summary)), lower(%(text)s)) > 0
        ))
)

-- name: sum
-- The sum of a score. It stands in assess/rank too, and a test holds both equal.
m.points + h.exposure[m.class] + h.context + coalesce(s.points, 0)
    + CASE WHEN m.weight > 0 THEN h.privileges[m.weight] ELSE 0 END

-- name: advisories
SELECT coalesce(array_agg(id), '{}') FROM advisory
WHERE name = ANY(%(names)s::text[]) OR aliases && %(names)s::text[]

-- name: packages
SELECT coalesce(array_agg(id), '{}') FROM package
WHERE package_spelling(ecosystem, name) = ANY(%(names)s::text[])
    OR package_last(ecosystem, name) = ANY(%(names)s::text[])
    OR ecosystem = 'pypi' AND package_spelling(ecosystem, name) = ANY(%(pypi)s::text[])
