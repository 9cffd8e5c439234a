"""The big table: painting, columns, selection."""
