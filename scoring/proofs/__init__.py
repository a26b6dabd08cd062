"""What commands print to prove the engine right against someone else's arithmetic."""
