"""The tabs and parts of the page of one company."""
