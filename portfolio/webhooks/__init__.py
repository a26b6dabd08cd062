"""Telling the systems of companies and of the house what happens: addresses, messages, deliveries."""
