"""Which of the four tracks a company is in: a suggestion that a person confirms."""
