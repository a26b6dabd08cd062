"""Help on every page: what this is, the words, the keys."""
