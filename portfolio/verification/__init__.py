"""What verifiers find and ask, and how companies answer. The rows are portfolio/models/desk/finding.py."""
