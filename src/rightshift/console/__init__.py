"""Keeps what is known, derives what follows from it, and answers. What scans and matches: the other folders."""
