"""`python -m rightshift` is the program too."""

from rightshift.cli.main import entry

entry()
