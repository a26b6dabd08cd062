"""The API as a whole: who is let in, its addresses, its schema."""
