"""The files that show where a figure comes from."""
