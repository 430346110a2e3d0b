"""What is fetched from where. One file an upstream; how bytes come: `fetch.py`."""
