"""What was sold or ran of a technology family in the year: rows of a disclosure, which bar C rests on."""
