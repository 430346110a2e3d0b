"""How documents travel: encode, decode within limits, lift older ones."""
