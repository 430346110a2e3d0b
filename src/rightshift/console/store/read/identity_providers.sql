-- name: every
SELECT name, client_secret, version, created, created_by, label, issuer, client_id, scopes, groups_claim, rules,
    otherwise, trust_mfa, local, console, enabled
FROM identity_provider ORDER BY label, name

-- name: one
SELECT name, client_secret, version, created, created_by, label, issuer, client_id, scopes, groups_claim, rules,
    otherwise, trust_mfa, local, console, enabled
FROM identity_provider WHERE name = %(name)s

-- name: held
SELECT version FROM identity_provider WHERE name = %(name)s FOR UPDATE

-- name: unchanged
SELECT 1 FROM identity_provider WHERE name = %(name)s AND version = %(version)s AND enabled FOR SHARE

-- name: of_issuer
SELECT name FROM identity_provider WHERE issuer = %(issuer)s
