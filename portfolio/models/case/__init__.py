"""The work of verification on one version: who has it, what was looked at, who must keep away."""
