"""Arch's packages, as pacman keeps them."""
