-- name: feed
SELECT lineage, generation, at FROM derived
