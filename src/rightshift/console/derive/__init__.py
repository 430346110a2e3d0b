"""Dirty facts in, conclusions out, in batches. Jobs, which are run once: `jobs/`."""
