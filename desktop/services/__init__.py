"""Plain Python, no Qt: everything a script could drive."""
