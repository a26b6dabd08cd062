"""What can go wrong when people decide, in words for a person. None of these is worth a retry."""

from portfolio.errors import PortfolioError


class FundError(PortfolioError):
    """Something a person asked of the fund cannot be done; the message says why."""


class NotEntitled(FundError):
    """The person lacks the role."""


class SamePerson(FundError):
    """Who proposes does not decide."""


class ReasonMissing(FundError):
    """A proposal and a decision each need a reason, a sentence of it."""


class WrongScore(FundError):
    """The score is not one of this candidate's company, or not of a candidate by a method in use."""


class NotAdmitted(FundError):
    """A gate failed: the candidate can be declined or watched, not invested in."""


class AmountMissing(FundError):
    """An investment is proposed with its amount."""


class NewerScoreUnmentioned(FundError):
    """A newer score exists and the text does not say why this one is used all the same."""


class FailureUnmentioned(FundError):
    """The score fails rules of the mandate and the text does not say why it is proposed all the same."""


class StillUndecided(FundError):
    """The candidate has a proposal that waits for its decision."""


class AlreadyDecided(FundError):
    """Somebody else was faster."""


class ContentChanged(FundError):
    """What was read is not what is stored now: read again, then decide again."""


class NotPossible(FundError):
    """The candidate's stage does not allow it."""


class NameTaken(FundError):
    """The person has kept another scenario under this name."""


class BackupRefused(FundError):
    """A backup or a restore did not happen; the message says why."""
