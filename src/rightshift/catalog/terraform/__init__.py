"""Terraform's providers."""
