-- name: recount
-- A package and an advisory are one in a holder, however many versions of the package lie there: the one with most
-- points counts, of equal ones the first, as in lists. Holders of one inventory that add the same share what is
-- counted; a thousand images may hold the same. One without a holder is counted by the matches' own points.
WITH one AS MATERIALIZED (
    SELECT h.id, h.inventory_id, h.exposure, h.privileges, h.context,
        CASE WHEN EXISTS (SELECT FROM holder_use u WHERE u.holder_id = h.id) THEN h.id ELSE 0 END AS used
    FROM holder h
    WHERE h.inventory_id = ANY(%(inventories)s)
), o AS MATERIALIZED (
    SELECT *, (inventory_id::bigint << 20)
            + row_number() OVER (PARTITION BY inventory_id ORDER BY exposure, privileges, context, used) AS facet
    FROM (
        SELECT DISTINCT inventory_id, exposure, privileges, context, used FROM one
        UNION ALL
        SELECT i, '{0,0,0,0,0,0,0,0}', '{0,0}', 0, 0 FROM unnest(%(inventories)s::integer[]) i
        WHERE i NOT IN (SELECT inventory_id FROM one)
    ) x
), each AS MATERIALIZED (
    SELECT o.facet, c.*
    FROM o
    CROSS JOIN LATERAL (
        SELECT b.ecosystem,
            1 + 8 * ((b.packed >> 2) & 7) + 4 * (b.packed & 1)
                + width_bucket((b.packed >> 40) - 32768, %(edges)s::bigint[]) AS cell,
            count(*) AS findings, count(*) FILTER (WHERE (b.packed & 2) > 0) AS kev
        FROM (
            -- points, then the version (the first is highest), then what it is counted as, in one number
            SELECT k.ecosystem, max(
                ((32768 + m.points + o.exposure[m.class] + o.context + coalesce(u.points, 0)
                    + CASE WHEN m.weight > 0 THEN o.privileges[m.weight] ELSE 0 END)::bigint << 40)
                | ((2147483647 - m.package_version_id)::bigint << 8)
                | (m.severity * 4 + m.kev::integer * 2 + m.fixable::integer)
            ) AS packed
            FROM inventory_package p
            JOIN match m ON m.package_version_id = p.package_version_id
            JOIN package_version v ON v.id = p.package_version_id
            JOIN package k ON k.id = v.package_id
            LEFT JOIN holder_use u ON u.package_version_id = p.package_version_id AND u.holder_id = o.used
            WHERE p.inventory_id = o.inventory_id
            GROUP BY k.id, m.advisory_id
        ) b
        GROUP BY 1, 2
    ) c
), cells AS MATERIALIZED (
    SELECT facet, ecosystem, cell, findings, kev FROM each
    UNION ALL
    SELECT facet, '', cell, sum(findings), sum(kev) FROM each GROUP BY 1, 3
), counted AS MATERIALIZED (
    SELECT facet, ecosystem, sum(findings)::integer AS total,
        array_agg(findings ORDER BY cell)::integer[] AS findings,
        CASE WHEN sum(kev) > 0 THEN array_agg(kev ORDER BY cell)::integer[] END AS kev
    FROM (
        SELECT facet, ecosystem, cell, sum(findings) AS findings, sum(kev) AS kev
        FROM (
            SELECT * FROM cells
            UNION ALL
            SELECT facet, ecosystem, at, 0, 0
            FROM (SELECT DISTINCT facet, ecosystem FROM cells) f
            CROSS JOIN generate_series(1, 48) at
        ) x
        GROUP BY 1, 2, 3
    ) y
    GROUP BY 1, 2
), gone AS (
    DELETE FROM facet f
    WHERE f.inventory_id = ANY(%(inventories)s)
        AND NOT EXISTS (SELECT FROM counted c WHERE (c.facet, c.ecosystem) = (f.id, f.ecosystem))
), put AS (
    INSERT INTO facet AS f (id, ecosystem, inventory_id, total, findings, kev)
    SELECT facet, ecosystem, facet >> 20, total, findings, kev FROM counted
    ON CONFLICT (id, ecosystem) DO UPDATE
    SET total = excluded.total, findings = excluded.findings, kev = excluded.kev
    WHERE (f.total, f.findings, f.kev) IS DISTINCT FROM (excluded.total, excluded.findings, excluded.kev)
), each_holder AS MATERIALIZED (
    SELECT o.*, coalesce((
            SELECT array_agg(amount ORDER BY band DESC)
            FROM (
                SELECT (at - 1) %% 4 AS band, sum(amount)::integer AS amount
                FROM unnest(c.findings) WITH ORDINALITY x (amount, at)
                GROUP BY 1
            ) b
        ), '{0,0,0,0}') AS bands
    FROM o
    LEFT JOIN counted c ON (c.facet, c.ecosystem) = (o.facet, '')
)
UPDATE holder h
SET bands = n.bands, facet = n.facet
FROM one
JOIN each_holder n ON (n.inventory_id, n.used, n.context) = (one.inventory_id, one.used, one.context)
    AND n.exposure = one.exposure AND n.privileges = one.privileges
WHERE one.id = h.id AND (h.bands, h.facet) IS DISTINCT FROM (n.bands, n.facet)
