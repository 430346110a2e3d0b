"""Results in, one output format a file out, streamed."""
