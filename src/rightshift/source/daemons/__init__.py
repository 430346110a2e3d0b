"""Images and containers in the stores of this machine's container runtimes, read as directories, never by a socket."""
