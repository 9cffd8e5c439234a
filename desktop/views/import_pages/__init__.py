"""The pages of the import dialog, one file or package per source."""
