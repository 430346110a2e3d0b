"""Nim's packages."""
