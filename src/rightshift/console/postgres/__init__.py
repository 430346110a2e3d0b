"""The embedded PostgreSQL server: found, started, upgraded, stopped. What is kept in it: `store/`."""
