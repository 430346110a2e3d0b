"""What is read, one question a module. The first argument is always the scope that the caller may see."""
