"""A company-year as its company files it: forms, pages, API."""
