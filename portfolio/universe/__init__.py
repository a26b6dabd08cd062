"""A directory of tables becomes companies with their facts, whole or not at all."""
