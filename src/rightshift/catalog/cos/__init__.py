"""Packages of Google's Container-Optimized OS."""
