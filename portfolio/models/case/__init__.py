"""A case of verification: what verifiers write down about a version besides its findings."""
