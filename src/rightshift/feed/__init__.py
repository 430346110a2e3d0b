"""What the world knows: fetch, build, swap, and answer which advisories hold for these packages."""
