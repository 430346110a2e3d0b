"""PHP's packages."""
