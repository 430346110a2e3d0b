"""One source to one scan document, in a child that may be killed. Knows no advisory."""
