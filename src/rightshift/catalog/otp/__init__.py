"""Erlang's applications."""
