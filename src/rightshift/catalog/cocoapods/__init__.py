"""Pods of Xcode projects."""
