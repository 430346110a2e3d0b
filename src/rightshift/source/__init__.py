"""A name in, its bytes at hand out. May use the network; never unpacks. Reading what is given: `tree`."""
