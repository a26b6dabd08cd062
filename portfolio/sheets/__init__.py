"""A company-year as sheets: the file that is taken away, and what comes back in one."""
