"""Debian's and Ubuntu's packages, as dpkg keeps them."""
