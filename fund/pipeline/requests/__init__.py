"""What the fund asks companies to tell: the list of requests, and asking."""
