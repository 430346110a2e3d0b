"""One command a file: reads arguments, calls one function, prints."""
