-- name: add
INSERT INTO identity_provider (name, label, issuer, client_id, client_secret, scopes, groups_claim, rules, otherwise,
    trust_mfa, local, console, enabled, created, created_by)
VALUES (%(name)s, %(label)s, %(issuer)s, %(client_id)s, %(sealed)s, %(scopes)s::text[], %(groups_claim)s, %(rules)s,
    %(otherwise)s, %(trust_mfa)s, %(local)s, %(console)s, %(enabled)s, %(now)s, %(by)s)
ON CONFLICT DO NOTHING
RETURNING version

-- name: change
UPDATE identity_provider
SET label = %(label)s, issuer = %(issuer)s, client_id = %(client_id)s, client_secret = %(sealed)s,
    scopes = %(scopes)s::text[], groups_claim = %(groups_claim)s, rules = %(rules)s, otherwise = %(otherwise)s,
    trust_mfa = %(trust_mfa)s, local = %(local)s, console = %(console)s, enabled = %(enabled)s, version = version + 1
WHERE name = %(name)s
    AND NOT EXISTS (SELECT FROM identity_provider o WHERE o.name <> %(name)s AND o.issuer = %(issuer)s)
RETURNING version

-- name: remove
DELETE FROM identity_provider WHERE name = %(name)s
