"""Go's modules."""
