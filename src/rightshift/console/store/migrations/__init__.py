"""How the schema came to be: one SQL file a step, run by alembic, only forward."""
