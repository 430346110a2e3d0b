"""Alpine's packages, and those of what is built like it."""
