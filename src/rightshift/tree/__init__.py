"""Files in something already at hand. Never the network; nothing outside the root."""
