"""What follows from facts, kept by `derive` and by nobody else. What was seen: `facts`."""
