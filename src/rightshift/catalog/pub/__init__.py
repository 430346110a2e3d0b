"""Packages of Dart and Flutter."""
