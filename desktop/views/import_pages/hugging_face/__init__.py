"""Import from a hub: by name, found by a search, or from the cache of this machine."""
