"""Julia's packages."""
