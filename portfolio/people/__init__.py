"""Who works for a company: its people, invitations, and requests to join it."""
