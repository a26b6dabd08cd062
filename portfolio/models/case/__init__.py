"""What a verification is made of: plan, opinion, substitution, appeal, and what of it a version shows."""
