"""Formulae and casks that Homebrew installed."""
