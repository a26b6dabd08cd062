"""The desk of verification: the queue by risk, and a case point by point. The rows are portfolio/models/case."""
