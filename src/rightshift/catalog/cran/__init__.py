"""R's packages."""
