"""The only way to an address that somebody gave us: policy, a dial of what was checked, proof of who we are."""
