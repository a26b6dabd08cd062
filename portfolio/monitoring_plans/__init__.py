"""Monitoring plans: what a company measures, where and how, written by it and approved by a verifier."""
