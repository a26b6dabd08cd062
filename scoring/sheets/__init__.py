"""Files of a company-year that come back: read in the background, looked at, imported."""
