"""The reference tools of the temperature score as scripts for another interpreter: the same input, scores by each.

Timed from the tools' own objects in memory, as ours is from columns. The network is never asked: target protocol,
scores and aggregations are called directly, past the part that downloads a register.
"""

SBTI_FINANCE_TOOL = """
import datetime, json, math, sys, time, warnings
warnings.simplefilter("ignore")
from importlib.metadata import version
import pandas as pd
from SBTi.interfaces import EScope, ETimeFrames, IDataProviderCompany, IDataProviderTarget
from SBTi.portfolio_aggregation import PortfolioAggregationMethod
from SBTi.target_validation import TargetProtocol
from SBTi.temperature_score import TemperatureScore
given = json.load(open(sys.argv[1]))
def rows(columns):
    names = list(columns)
    return [dict(zip(names, values)) for values in zip(*columns.values())]
figures = ("coverage_s1", "coverage_s2", "coverage_s3", "reduction_ambition", "base_year_ghg_s1", "base_year_ghg_s2")
companies = [IDataProviderCompany.model_validate(row) for row in rows(given["companies"])]
targets = []
for row in rows(given["targets"]):
    row.update({name: float("nan") if row[name] is None else row[name] for name in figures})
    row.update({"base_year_ghg_s3": float("nan"), "s3_category": None, "statement_date": None})
    targets.append(IDataProviderTarget.model_validate(row))
held = pd.DataFrame({
    "company_id": given["companies"]["company_id"],
    "investment_value": given["investment_value"],
    "engagement_target": False,
})
frames, scopes = list(ETimeFrames), EScope.get_result_scopes()
began = time.perf_counter()
as_of = datetime.datetime.fromisoformat(given["year"])
grid = TargetProtocol(reporting_date=as_of).process(targets, companies)
grid = pd.merge(left=grid, right=held, how="left", on=["company_id"])
scored = TemperatureScore(time_frames=frames, scopes=scopes).calculate(grid)
aggregates = []
for method in PortfolioAggregationMethod:
    tool = TemperatureScore(time_frames=frames, scopes=scopes, aggregation_method=method)
    found = tool.aggregate_scores(scored)
    for frame in frames:
        for scope in scopes:
            aggregates.append((method.value, frame.value, scope.value, found[frame.value][scope.name].all.score))
seconds = time.perf_counter() - began
scores = [
    (key, frame.value, scope.value, None if math.isnan(value) else float(value))
    for key, frame, scope, value in zip(
        scored["company_id"], scored["time_frame"], scored["scope"], scored["temperature_score"]
    )
]
answer = {"version": "sbti-finance-tool " + version("sbti-finance-tool"), "seconds": seconds}
json.dump(answer | {"scores": scores, "aggregates": aggregates}, open(sys.argv[2], "w"))
"""

# It reads the year of the clock, which is set to that of the input.
WWF_ITR = """
import datetime, json, logging, math, sys, time, types, warnings
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)
from importlib.metadata import version
import pandas as pd
import ITR.target_validation as validation
from ITR.interfaces import EScope, ETimeFrames, IDataProviderCompany, IDataProviderTarget
from ITR.portfolio_aggregation import PortfolioAggregationMethod
from ITR.temperature_score import TemperatureScore
given = json.load(open(sys.argv[1]))
class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromisoformat(given["year"])
validation.datetime = types.SimpleNamespace(datetime=Clock)
def rows(columns):
    names = list(columns)
    return [dict(zip(names, values)) for values in zip(*columns.values())]
figures = ("coverage_s1", "coverage_s2", "coverage_s3", "reduction_ambition", "achieved_reduction")
companies = [  # it must have an ISIC code
    IDataProviderCompany.model_validate(row | {"isic": row["isic"] or ""}) for row in rows(given["companies"])
]
targets = []
for row in rows(given["targets"]):
    row.update({name: float("nan") if row[name] is None else row[name] for name in figures})
    targets.append(IDataProviderTarget.model_validate(row))
held = pd.DataFrame({
    "company_id": given["companies"]["company_id"],
    "investment_value": given["investment_value"],
    "engagement_target": False,
})
frames, scopes = list(ETimeFrames), [EScope.S1S2, EScope.S3, EScope.S1S2S3, EScope.S1, EScope.S2]
began = time.perf_counter()
grid = validation.TargetProtocol().process(targets, companies)
grid = pd.merge(left=grid, right=held, how="left", on=["company_id"])
scored = TemperatureScore(time_frames=frames, scopes=list(scopes)).calculate(grid)
aggregates = []
for method in PortfolioAggregationMethod:
    tool = TemperatureScore(time_frames=frames, scopes=list(scopes), aggregation_method=method)
    found = tool.aggregate_scores(scored)
    for frame in frames:
        for scope in scopes:
            aggregates.append((method.value, frame.value, scope.value, found[frame.value][scope.name].all.score))
seconds = time.perf_counter() - began
scores = [
    (key, frame.value, scope.value, None if math.isnan(value) else float(value))
    for key, frame, scope, value in zip(
        scored["company_id"], scored["time_frame"], scored["scope"], scored["temperature_score"]
    )
]
answer = {"version": "WWF-ITR " + version("WWF-ITR"), "seconds": seconds}
json.dump(answer | {"scores": scores, "aggregates": aggregates}, open(sys.argv[2], "w"))
"""
