"""Images that a registry serves: who may ask, which mirror answers, and blobs as streams."""
