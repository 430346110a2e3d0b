"""A document in, once, whole, or refused. What follows from it: `derive`."""
