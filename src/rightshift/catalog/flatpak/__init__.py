"""Flatpak's applications."""
