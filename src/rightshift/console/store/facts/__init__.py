"""What reporters told, as they told it. Only `ingest` writes here."""
