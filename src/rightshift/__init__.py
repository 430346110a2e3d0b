"""rightshift sees what runs, knows what is in it, and says which vulnerability to fix first and why."""

__version__ = "0.1.0"
