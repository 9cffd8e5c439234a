"""What holds the house together: its rules, and that no test leaves anything behind."""
