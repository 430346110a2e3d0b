"""Actions that workflows use."""
