"""What people type or hand in, read into a value or a named fault."""
