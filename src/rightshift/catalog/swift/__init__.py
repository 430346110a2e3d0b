"""Swift's packages."""
