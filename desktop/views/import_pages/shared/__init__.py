"""What the pages of several sources are made of."""
