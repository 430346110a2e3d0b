"""Conda's packages."""
