"""How people of companies come in: sign-up, the links that were sent to them, and asking to join a company."""
