"""Import from folders of this machine."""
