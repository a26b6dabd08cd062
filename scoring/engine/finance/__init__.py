"""Which part of a company's tonnes a holding carries."""
