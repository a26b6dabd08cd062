"""A disclosure's activities as tonnes, and what newer factors do to them."""
