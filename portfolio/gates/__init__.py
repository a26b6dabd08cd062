"""What people say of the gates: the company states, the fund confirms, each with evidence."""
