"""The preferences, and the dialog that connects a registry."""
