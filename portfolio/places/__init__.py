"""Places by their codes and names."""
