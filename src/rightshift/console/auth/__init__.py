"""Who is asking, and what they may do and see. What every request passes before that: `door`."""
