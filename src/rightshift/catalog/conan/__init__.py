"""Conan's packages of C and C++."""
