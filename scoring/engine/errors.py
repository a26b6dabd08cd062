"""Why the engine refuses: few, named errors. The same input is refused every time, so no retry ever helps."""

from typing import ClassVar


class EngineError(Exception):
    """Refused input or methodology, with the offending value and, where there is one, the company it belongs to."""

    retry_makes_sense: ClassVar[bool] = False

    def __init__(self, message: str, *, value: object = None, company_key: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.value = value
        self.company_key = company_key

    def __str__(self) -> str:
        company = f" (company {self.company_key})" if self.company_key is not None else ""
        return f"{self.message}: {self.value!r}{company}"


class InputError(EngineError):
    """Something is wrong with a company's record."""


class WrongShape(InputError):
    """A field is absent, unexpected or of another type than the contract says."""


class UnknownWord(InputError):
    """A word that is not in its list."""


class NegativeAmount(InputError):
    """An amount below zero where none can be."""


class NotFinite(InputError):
    """NaN or infinity: missing is None, never a number."""


class OutOfRange(InputError):
    """A size that no tonnes, money, rate or share can have: a slip that would only overflow the arithmetic."""


class DuplicateYear(InputError):
    """Two rows for one company-year: which one counts is a decision for people."""


class UnsortedYears(InputError):
    """Years must ascend, so that one history has one digest."""


class DuplicateTarget(InputError):
    """Two targets of a company under one key."""


class DuplicateCompany(InputError):
    """One company twice in a batch."""


class IncompleteFigure(InputError):
    """A figure without the word that says what it is: revenue without currency, scope 2 without its kind."""


class FutureYear(InputError):
    """A year after `as_of`: the score would use what nobody could know then."""


class BrokenTable(EngineError):
    """A reference table that may not be used: `table` and `row` say where, the value what was found."""

    def __init__(self, message: str, *, table: str, row: str, value: object = None) -> None:
        super().__init__(f"{table}, row {row}: {message}", value=value)
        self.table = table
        self.row = row


class FactorError(EngineError):
    """A question to the reference tables that has no answer, by its code.

    Companies read it: `accounting.words` makes the sentence in both languages from `sentence`, which is the code where
    the code has only one, and from what the sentence is `about`.
    """

    code: str = "factor"

    def __init__(
        self, sentence: str = "", *, value: object = None, choices: tuple[str, ...] = (), **about: object
    ) -> None:
        self.sentence = sentence or self.code
        super().__init__(self.sentence, value=value)
        self.choices = choices  # what could be asked instead: nearest names, years, sets
        self.about = {"value": value, "choices": choices, **about}


class UnknownActivity(FactorError):
    """No such activity; `choices` are the nearest names."""

    code = "unknown_activity"


class UnknownRegion(FactorError):
    """No such place; `choices` are the nearest codes."""

    code = "unknown_region"


class UnknownGwpSet(FactorError):
    """No such set of global warming potentials; `choices` are the sets."""

    code = "unknown_gwp_set"


class NoGwp(FactorError):
    """The set has no potential for the gas; `choices` are the sets that have one."""

    code = "no_gwp"


class NoFactor(FactorError):
    """No factor may be used here; `choices` are the years, guidelines, places or purposes that the table has."""

    code = "no_factor"


class FactorTie(FactorError):
    """Two factors fit equally well; `choices` are their ids. A person names the publisher or edition."""

    code = "factor_tie"


class LineRefused(FactorError):
    """An activity that cannot be accounted for as it stands: `code` says why, `choices` what would do."""

    def __init__(
        self, code: str, sentence: str = "", *, value: object = None, choices: tuple[str, ...] = (), **about: object
    ) -> None:
        self.code = code
        super().__init__(sentence, value=value, choices=choices, **about)


class LifeCycleFactor(FactorError):
    """A life-cycle or fossil-only number was asked for an inventory, where none may enter."""

    code = "not_for_inventories"


class MethodologyError(EngineError):
    """Something is wrong with a methodology or its parameters."""


class WrongMethodology(MethodologyError):
    """A field is absent, of another type, outside its range, or an unknown indicator."""


class ReceiptError(EngineError):
    """Something is wrong with a receipt, or with what one is to be made of."""


class NotAReceipt(ReceiptError):
    """A text that is no receipt of a known schema; whether its figures are true is another question."""


class TooFewContributors(ReceiptError):
    """A statistic of fewer companies than may be shown without telling what single ones reported."""


class BarsDoNotAddUp(EngineError):
    """Contributions that differ from their total: rounding must not hide it."""


class UncertaintyError(EngineError):
    """Something is wrong with what an interval is to be made of."""


class WrongPercent(UncertaintyError):
    """An uncertainty is a half width in percent: finite and not below zero."""


class ZeroTotal(UncertaintyError):
    """A share of a total, or a change since a base year, that is zero."""


class OnlyApproach2(UncertaintyError):
    """Above 230 % error propagation says nothing; draw instead."""


class TwoUncertainties(UncertaintyError):
    """One factor, or one input, with two uncertainties or two means of drawing it."""


class WrongDraws(UncertaintyError):
    """The number of draws, the seed or the name of a distribution."""


class RefusedByCode(InputError):
    """What people typed and have to mend: `code` says why and `about` with what; the room's words make the sentence."""

    def __init__(self, code: str, *, value: object = None, **about: object) -> None:
        super().__init__(code, value=value)
        self.code = code
        self.about = {"value": value, **about}


class MeasureRefused(RefusedByCode):
    """A measure, or a scene, that cannot be stacked as it stands; `about` may name measure, use and carrier."""


class CellRefused(RefusedByCode):
    """A cell of a city's account that contradicts itself or another one; `about` names its ref."""


class SourceRefused(RefusedByCode):
    """A source that cannot be put beside others; `about` names it."""


class SiteCountedTwice(InputError):
    """A sum in which a site would count for more than itself; `paths` are all by which it comes in."""

    def __init__(self, site: str, paths: tuple[tuple[str, ...], ...], share: float) -> None:
        super().__init__(" and ".join(" → ".join(path) for path in paths), value=site)
        self.site = site
        self.paths = paths
        self.share = share


class LmdiError(InputError):
    """Amounts that have no logarithmic mean: negative, or zero where no factor is."""
