"""Executables: their sections, and programs that no package brought."""
