"""The book in a few sentences, the first thing on its page: owned, financed, dominated by, in doubt, promised."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fund.holdings.figures import BESIDE, Part, percent_change
from fund.holdings.questions import is_step
from fund.holdings.story import Story
from fund.holdings.temperature_report import Cell
from portfolio.templatetags.figures import degrees, percent, significant
from scoring.candidates.amounts import money, tonnes
from scoring.engine.finance.financed import Metric
from scoring.reading import reads_chinese
from scoring.tables.temperature import shipped_method

GAPS = 2  # that are told before the cards


class Lead:
    """Of a story; each sentence stands by itself."""

    def __init__(self, story: Story) -> None:
        self.story, self.report = story, story.report

    @property
    def method(self) -> str:
        """Of temperature: the one that a portfolio has."""
        return shipped_method().name

    @property
    def years(self) -> str:
        """Of which years the tonnes and the values are, and of how many holdings they differ."""
        if not self.story.years:
            return ""
        words = {"day": self.report.day.isoformat(), "years": self.story.years, "n": self.story.lagging}
        return _("On %(day)s: %(years)s; of different years in %(n)d of the holdings that count.") % words

    @property
    def first(self) -> str:
        """What is owned and what that finances, or that nobody knows it."""
        metric = self.report.both.metric
        told = {"n": metric.holdings, "share": _share(metric)}
        if self.report.outstanding is None:
            return _("%(n)d holdings, and nobody knows how much money is in them.") % told
        told["money"] = money(self.report.outstanding)
        if metric.value is None:
            return _("%(money)s in %(n)d holdings; how many tonnes that finances, nobody can say yet.") % told
        told["tonnes"] = tonnes(metric.value)
        said = _("%(money)s in %(n)d holdings finance %(tonnes)s of scopes 1 + 2, known for %(share)s of the money.")
        return said % told

    @property
    def others(self) -> str:
        dominance = self.story.dominance
        if self.report.both.metric.value is None:
            told = [*self._gaps(), self._beside(), dominance, self._promise()]
        else:
            told = [dominance, *self._doubts(), self._promise()]
        return ("" if reads_chinese() else " ").join(words for words in told if words)

    # --- where the tonnes are known --------------------------------------------------------------------
    def _doubts(self) -> Iterator[str]:
        """The largest holding whose tonnes may be of another company than its value, and the figure without it."""
        asked, total = self.story.in_doubt, self.report.both.metric.value or 0.0
        if not asked:
            return
        yield self._doubt(asked[0], total)
        if len(asked) > 1:
            n, rest = len(asked), total - sum(part.contribution or 0.0 for part in asked)
            words = ngettext(
                "The same is asked of %(n)d holding in all; without them: %(rest)s.",
                "The same is asked of %(n)d holdings in all; without them: %(rest)s.",
                n,
            )
            yield words % {"n": n, "rest": tonnes(max(rest, 0.0))}

    @staticmethod
    def _doubt(part: Part, total: float) -> str:
        held = part.held
        words = {
            "name": held.holding.issuer,
            "tonnes": held.tonnes_year,
            "worth": held.worth_year,
            "rest": tonnes(max(total - (part.contribution or 0.0), 0.0)),
        }
        if held.grown is None or not is_step(held.grown.fold):
            said = _(
                "To be confirmed: %(name)s has tonnes of %(tonnes)s and a value of %(worth)s. Without it: %(rest)s."
            )
            return said % words
        words["change"] = percent_change(held.grown.fold)
        said = _(
            "To be confirmed: %(name)s has tonnes of %(tonnes)s and a value of %(worth)s; its revenue has changed"
            " by %(change)s since. Without it: %(rest)s."
        )
        return said % words

    # --- where they are not ----------------------------------------------------------------------------
    def _gaps(self) -> Iterator[str]:
        """What is missing for how much of the money, and who can fill it."""
        for gap in self.story.gaps[:GAPS]:
            words = {"share": "?" if gap.money is None else percent(gap.money), "why": gap.why, "who": gap.who}
            yield _("For %(share)s of the money: %(why)s (%(who)s).") % words

    def _beside(self) -> str:
        metric = BESIDE.metric(self.report.statement)
        if metric.value is None:
            return ""
        words = {"value": significant(metric.value), "share": _share(metric)}
        return _("Known: WACI %(value)s t per million CNY of revenue, for %(share)s of the money.") % words

    # --- both ------------------------------------------------------------------------------------------
    def _promise(self) -> str:
        method = {"method": self.method}
        if not self.story.is_scored:
            return ""
        if self.story.promises_nothing:
            return _("By the method “%(method)s” no company held has a target that can be used.") % method
        first = next(one for one in self.story.promises if not one.is_default)
        words = method | {
            "score": degrees(first.cell.aggregate.score_c),
            "frame": first.frame,
            "share": percent(first.cell.default_share),
        }
        said = _("Promised by the method “%(method)s”, %(frame)s: %(score)s °C, %(share)s of it the default.") % words
        covered = first.cell.coverage
        if covered is not None and round(covered, 2) >= 1:
            return said
        rest = _("These degrees are of %(share)s of the money.") % {"share": _share(first.cell)}
        return ("" if reads_chinese() else " ").join([said, rest])


def _share(metric: Metric | Cell) -> str:
    if metric.coverage is None and metric.coverage_at_most is not None:
        return _("at most %(share)s") % {"share": percent(metric.coverage_at_most)}
    return str(percent(metric.coverage))
