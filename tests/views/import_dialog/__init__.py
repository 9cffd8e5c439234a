"""The import dialog, driven through its real widgets over real services."""
