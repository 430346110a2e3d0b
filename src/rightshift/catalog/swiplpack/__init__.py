"""SWI-Prolog's packs."""
