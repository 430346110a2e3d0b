"""Tools that asdf, mise and kin install."""
