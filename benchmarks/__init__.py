"""Measures beside peers: the same inputs, one run, ratios. `python -m benchmarks --help`."""
