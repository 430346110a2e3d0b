"""The only way to an address that somebody gave us: what may be reached, a dial of what was checked, who we are."""
