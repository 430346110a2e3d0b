-- name: add
INSERT INTO acceptance (unit, ecosystem, package, advisory, reason, until, owner, teams, created)
VALUES (%(unit)s, %(ecosystem)s, %(package)s, %(advisory)s, %(reason)s, %(until)s, %(owner)s, %(teams)s::uuid[], %(now)s)
RETURNING id

-- name: end
UPDATE acceptance
SET ended = %(now)s
WHERE id = %(id)s AND ended IS NULL AND (%(teams)s::uuid[] IS NULL OR teams <@ %(teams)s::uuid[])
RETURNING advisory, package, unit

-- name: add_statements
INSERT INTO vex_statement (document, product, package, advisory, status, justification, said, author, teams, created)
SELECT *, %(teams)s::uuid[], %(now)s::timestamptz
FROM unnest(%(documents)s::text[], %(products)s::text[], %(packages)s::text[], %(advisories)s::text[],
    %(statuses)s::text[], %(justifications)s::text[], %(said)s::text[], %(authors)s::text[])

-- name: replace_statements
DELETE FROM vex_statement WHERE document = %(document)s AND teams IS NOT DISTINCT FROM %(teams)s::uuid[]

-- name: remove_statements
DELETE FROM vex_statement
WHERE document = %(document)s AND (%(teams)s::uuid[] IS NULL OR teams <@ %(teams)s::uuid[])

-- name: changed
INSERT INTO dirty (what) VALUES ('wishes')

-- name: tell
SELECT pg_notify('dirty', '')
