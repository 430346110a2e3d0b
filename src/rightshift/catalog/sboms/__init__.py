"""What others say is in a tree or an image: bills of materials."""
