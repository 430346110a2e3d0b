"""What people wish, kept by `api` and by nobody else, each with its audit line. What jobs make of it: `progress`."""
