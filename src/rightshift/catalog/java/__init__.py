"""Java runtimes. What runs on them: `catalog/maven`."""
