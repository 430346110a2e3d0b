-- name: vault
SELECT vault FROM installation

-- name: put_vault
UPDATE installation SET vault = %(sealed)s
