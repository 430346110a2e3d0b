"""Python: what is installed, and what its many tools lock."""
