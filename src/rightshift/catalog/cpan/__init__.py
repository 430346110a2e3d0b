"""Perl's distributions."""
