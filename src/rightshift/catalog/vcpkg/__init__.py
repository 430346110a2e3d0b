"""vcpkg's ports of C and C++ libraries."""
