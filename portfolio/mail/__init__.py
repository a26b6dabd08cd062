"""Mails: who is told what, in which words, and how they go out. The rows are portfolio/models/desk/mail.py."""
