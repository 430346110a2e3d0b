"""Gleam's packages, which come from Hex."""
