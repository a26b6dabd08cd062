"""Whether a submission can be true: its checks before anyone signs."""
