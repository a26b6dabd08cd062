"""The applicant's pages that need what was scored and decided: home, result, preview and dispute."""
