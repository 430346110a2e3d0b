"""JavaScript: what npm, Yarn, pnpm, Bun and Deno install and lock."""
