"""Rust's crates."""
