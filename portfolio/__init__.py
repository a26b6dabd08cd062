"""Facts: who the companies are and what they told us."""
