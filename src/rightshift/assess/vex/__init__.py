"""What somebody who knows a product says of a vulnerability in it: documents read, statements held against matches."""
