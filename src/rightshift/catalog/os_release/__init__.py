"""Which distribution a tree is, and until when its distribution mends it."""
