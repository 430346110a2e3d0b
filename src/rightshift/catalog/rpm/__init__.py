"""Packages of Red Hat, SUSE, Amazon and others, in the three databases that rpm has had."""
