"""Who proposes an investment, who decides it, and on which record."""
