"""Documents: what is printed, kept or sent, as PDF."""
