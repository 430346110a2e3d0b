"""A schema with everything that is hard to copy, in two revisions, as `store/migrate` would make it."""

import psycopg

FIRST = r"""
CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);
CREATE TYPE colour AS ENUM ('red', 'green');
CREATE TABLE "odd ""name"" %s" (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "select" text, raw bytea, facts jsonb, words text[], colour colour,
    seen timestamptz, lasted interval, number double precision, exact numeric,
    doubled bigint GENERATED ALWAYS AS (id * 2) STORED,
    gone text
);
ALTER TABLE "odd ""name"" %s" DROP COLUMN gone;
CREATE TABLE tree (id serial PRIMARY KEY, parent int REFERENCES tree, leaf int);
CREATE TABLE leaf (id int PRIMARY KEY, tree int NOT NULL REFERENCES tree);
ALTER TABLE tree ADD CONSTRAINT tree_leaf FOREIGN KEY (leaf) REFERENCES leaf DEFERRABLE;
CREATE SCHEMA jobs;
CREATE TABLE jobs.done (at date, what text) PARTITION BY RANGE (at);
CREATE TABLE jobs.done_2026 PARTITION OF jobs.done FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE jobs.done_other PARTITION OF jobs.done DEFAULT;
CREATE TABLE seeded (one boolean PRIMARY KEY, id uuid DEFAULT gen_random_uuid());
INSERT INTO seeded VALUES (true);
CREATE TABLE audit (line text);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'only added to'; END $$;
CREATE FUNCTION double() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.line NOT LIKE '%!' THEN NEW.line = NEW.line || '!'; END IF; RETURN NEW; END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION refuse();
CREATE TRIGGER louder BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION double();
CREATE TRIGGER off BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION refuse();
ALTER TABLE audit DISABLE TRIGGER off;
CREATE TABLE cache (key text PRIMARY KEY, content bytea);
CREATE UNLOGGED TABLE fast (n int);
INSERT INTO alembic_version VALUES ('0001');
"""
SECOND = """
ALTER TABLE leaf ADD colour colour NOT NULL DEFAULT 'green';
UPDATE alembic_version SET version_num = '0002';
"""
ROWS = r"""
INSERT INTO "odd ""name"" %s" ("select", raw, facts, words, colour, seen, lasted, number, exact) VALUES
    (E'tab\t line\n back\\slash \\N \\. ä☃', '\x00ff0a5c', '{"a": [1, null, "\\n"]}', '{NULL,"",",\"{}"}', 'red',
     '2026-01-05 08:00:00.123456+05:30', '1 year 2 mons -3 days 04:05:06.7', 0.1::float8 + 0.2, 1e-40),
    ('', '', 'null', '{}', 'green', 'infinity', '0', 'NaN', 'NaN'),
    (NULL, NULL, NULL, NULL, NULL, '0044-03-15 00:00:00+00 BC', NULL, '-Infinity', 12345678901234567890.123456789);
INSERT INTO "odd ""name"" %s" ("select") SELECT repeat('x', n) FROM generate_series(1, 3000) n;
INSERT INTO tree (id, parent, leaf) VALUES (5, NULL, NULL), (1, 5, NULL);
INSERT INTO leaf (id, tree) VALUES (7, 1);
UPDATE tree SET leaf = 7 WHERE id = 5;
SELECT setval('tree_id_seq', 41);
INSERT INTO jobs.done SELECT '2025-06-01'::date + n, 'job ' || n FROM generate_series(1, 400) n;
INSERT INTO audit VALUES ('one'), ('two');
INSERT INTO cache VALUES ('a', '\x01');
INSERT INTO fast VALUES (1), (2);
"""


class Revisions:
    """The schema, of a version that knows so many of its revisions."""

    def __init__(self, known: int = 1) -> None:
        self._all = {"0001": FIRST, "0002": SECOND}
        self._known = known

    def known(self) -> tuple[str, ...]:
        """All revisions, oldest first."""
        return tuple(self._all)[: self._known]

    def migrate(self, url: str, *, to: str | None = None) -> None:
        """From wherever it is to the revision."""
        with psycopg.connect(url) as connection:
            there = ""
            if connection.execute("SELECT to_regclass('alembic_version')").fetchone() != (None,):
                (there,) = connection.execute("SELECT version_num FROM alembic_version").fetchone() or ("",)
            for revision in self.known():
                if there < revision <= (to or self.known()[-1]):
                    connection.execute(self._all[revision])


def content(url: str) -> dict[str, tuple[int, str]]:
    """Rows and a digest of each table that holds any itself, whatever order they are in."""
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
        ).fetchall()
        found = {}
        for (name,) in names:
            question = "SELECT count(*), coalesce(md5(string_agg(t::text, E'\\n' ORDER BY t::text)), '') FROM " + name
            rows, digest = connection.execute(question + " t").fetchone() or (0, "")
            found[name] = (rows, digest)
        return found
