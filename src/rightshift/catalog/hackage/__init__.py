"""Haskell's packages."""
