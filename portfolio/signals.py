"""The one door by which a lower layer tells an upper one."""

from django.dispatch import Signal

# Sent inside the verifying transaction, with `disclosure` and `by`: a receiver that fails undoes the verification.
disclosure_verified = Signal()

# Sent inside the verifying transaction, with `factor` and `by`: from its commit on the factor is in force.
local_factor_verified = Signal()

# Sent with an unsaved or stored `factor`: the layers above answer with the BuiltIn that stands beside it, or None.
local_factor_to_be_compared = Signal()

# Sent inside the approving transaction, with `plan` and `by`.
monitoring_plan_verified = Signal()

# Sent before a disclosure is submitted, with `disclosure`, the `digest` of what it says and the `reason` given for a
# jump: the layers above answer with the CheckedVersion that they keep.
disclosure_to_be_checked = Signal()

# Sent inside the transaction in which a person confirms what a gate rests on, with `company` and `by`.
facts_confirmed = Signal()

# Sent before the fund's word on a gate is kept, with `company` and `by`: a receiver that raises NotAllowed refuses it.
gate_to_be_confirmed = Signal()

# Sent when a run is asked for: the layers above answer with the ids of the companies that are candidates of a fund.
candidates_to_be_told = Signal()

# Sent inside the submitting transaction, with `disclosure` and `by`.
disclosure_submitted = Signal()

# Sent inside the transaction in which a verifier returns a disclosure, local factor or monitoring plan: `signed`, `by`.
signed_returned = Signal()

# Sent inside the transaction in which something is said of a finding: `finding`, `by`, `verb` (raised, answered, asked,
# extended, closed, commented, opened, asked_to_open) and the people `mentioned`.
finding_moved = Signal()

# Sent inside the transaction in which an opinion moves on: `opinion`, `by`, `verb` (drafted, sent_back, withdrawn,
# issued, reopened, superseded).
opinion_moved = Signal()

# Sent inside the transaction in which a company appeals, or an appeal ends: `appeal`, `by`, `verb` (made, withdrawn,
# upheld, rejected).
appeal_moved = Signal()

# Sent inside the transaction in which a verified version loses its badge, or gets it back, with `disclosure` and `by`.
badge_moved = Signal()

# Sent inside the transaction in which the fund asks for data or a request ends, with `request`; its state says which.
data_request_moved = Signal()

# Sent inside the transaction in which an administrator proposes a house role, with `change`.
role_proposed = Signal()

# Sent inside the transaction that changes who an account is: `user`, `why` (password, factor, role, email, account)
# and `by`. The layer that knows sessions ends all but the one that asks, and the tokens.
access_changed = Signal()

# Sent inside the transaction that keeps a file of a company-year, with `upload`: the layer above wakes a worker.
sheet_handed_in = Signal()

# Sent inside the transaction that keeps scores, with their `run` and the ids of their `companies`.
scores_kept = Signal()

# Sent inside the transaction in which somebody asks to work for a company, or is declined, with `request`.
join_requested = Signal()

# Sent inside the transaction in which somebody comes to a company, leaves it or has another role in it: `member`, the
# role `before` and `after` (empty: none) and `by`.
team_moved = Signal()

# Sent once a worker has read a file of a company-year, with `upload`.
sheet_read = Signal()

# Sent inside the transaction that switches a webhook off without anybody's asking, with `webhook`.
webhook_ended = Signal()
