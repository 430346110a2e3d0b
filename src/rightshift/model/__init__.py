"""The words everybody uses. Frozen values from the standard library only; no reading, no judging."""
