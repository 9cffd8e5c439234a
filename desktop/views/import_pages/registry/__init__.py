"""The page of the import dialog that imports from a model registry."""
