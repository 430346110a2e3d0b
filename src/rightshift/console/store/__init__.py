"""The only SQL, in `.sql` files beside each module. Each writing module has one importer; all read through `read/`."""
