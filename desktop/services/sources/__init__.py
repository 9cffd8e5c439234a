"""Where adapters come from, one file per source."""
