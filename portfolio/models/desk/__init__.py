"""What an applicant's desk needs: by when something is due, and what people are told by mail."""
