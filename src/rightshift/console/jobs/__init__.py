"""Work that is done aside, one job a file: found by its `JOB`. It may be cut off anywhere and is run again."""
