"""The one door by which a lower layer tells an upper one."""

from django.dispatch import Signal

# Sent inside the verifying transaction, with `disclosure` and `by`: a receiver that fails undoes the verification.
disclosure_verified = Signal()
