"""Bytes in, packages out. A file here is machinery; a folder is an ecosystem, in it one file a format."""
