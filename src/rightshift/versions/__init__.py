"""Which of two versions is older. One scheme a file; ranges over any of them in `ranges.py`."""
