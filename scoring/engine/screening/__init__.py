"""What looks wrong in a submission, and which track a text speaks of."""
