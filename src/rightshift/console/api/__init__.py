"""One resource a file: its structs, the permission of each route, one call. Routes are found by being there."""
