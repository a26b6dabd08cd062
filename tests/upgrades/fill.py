"""What a database of before holds. In the tree of that commit: manage.py shell -c "exec(open(THIS).read())"."""

from datetime import date

from fund.models import Candidate
from portfolio.models import Company, Disclosure
from scoring.models import Score
from scoring.runs import queue
from tests import make

queue.wake = lambda run_id: None  # nobody listens
alpha, beta = make.scoreable("demo-alpha"), make.scoreable("demo-beta", scale=2)
alice, dan, erin = make.alice(alpha), make.dan(), make.erin()
fund = make.fund()
make.mandate(fund)
Candidate.of(fund, alpha, by=dan)
run, _new = queue.start(Company.objects.all(), title="before", by=None, as_of=date(2026, 12, 2))
queue.drain(run.pk)
score = Score.objects.get(run=run, company=alpha)
proposal = make.proposal(score, dan, fund, kind="decline", failed_rules_note="")
proposal.decide("approved", "I agree with the proposal.", erin, proposal.content_sha256)
make.disclosure(alpha, 2020, state=Disclosure.State.DRAFT, created_by=alice)
queue.start(Company.objects.all(), title="nobody works on it", by=None, as_of=date(2026, 12, 3))
