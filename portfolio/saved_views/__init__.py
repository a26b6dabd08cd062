"""Saved views: an address of a list under a name, one's own or shared."""
