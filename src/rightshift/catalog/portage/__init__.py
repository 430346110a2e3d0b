"""Gentoo's packages."""
