"""A question to the workers, from the moment it is asked to its receipts."""
