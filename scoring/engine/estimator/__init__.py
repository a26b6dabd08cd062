"""What nobody reported, estimated with its doubt."""
