"""The sentences of a city's account and of its sources, in Chinese and English."""

from __future__ import annotations

from scoring.engine.errors import CellRefused, SiteCountedTwice, SourceRefused
from scoring.engine.words import Text

KEYS_TEXT: dict[str, Text] = {
    "NO": ("不发生", "not occurring"),
    "NE": ("未估算", "not estimated"),
    "IE": ("已计入他处", "included elsewhere"),
    "C": ("保密", "confidential"),
}
BASES_TEXT: dict[str, Text] = {
    "measured": ("实测", "measured"),
    "calculated": ("核算", "calculated"),
    "estimated": ("估算", "estimated"),
    "reported": ("报送", "reported"),
}
CELL_REFUSED: dict[str, Text] = {
    "unknown_ref": ("GPC 没有这一项：{value}", "the GPC has no such cell: {value}"),
    "unknown_key": ("没有这一标注代码：{value}", "there is no such notation key: {value}"),
    "key_and_tonnes": ("既有吨数又有标注代码 {value}", "it has tonnes and the notation key {value}"),
    "blank": ("既无吨数又无标注代码；空白不作 0 计", "neither tonnes nor a notation key: a blank is not 0"),
    "key_with_basis": ("只有标注代码，不能有数据来源类型或区间", "a notation key has neither basis nor interval"),
    "target_of_ie_only": (
        "IE 须写明计入何处，其他标注代码不写",
        "IE names the cell that has the tonnes, and no other key does",
    ),
    "unknown_target": ("IE 所指的项不存在或就是本项：{value}", "IE points at itself or at no cell: {value}"),
    "target_is_empty": ("IE 所指的 {value} 没有吨数", "IE points at {value}, which has no tonnes"),
    "no_reason": ("{value} 须写明原因", "{value} needs a reason"),
    "negative": ("不能为负：{value}", "it cannot be below zero: {value}"),
    "not_finite": ("须为有限的数：{value}", "a finite number is needed: {value}"),
    "not_occurring_but_biogenic": (
        "标为 NO 却有生物成因二氧化碳：{value} t",
        "it is NO and has biogenic CO2: {value} t",
    ),
    "unknown_basis": ("没有这一数据来源类型：{value}", "there is no such basis: {value}"),
    "no_source": ("缺来源", "a source is needed"),
    "twice": ("同一项出现两次", "the cell is there twice"),
    "no_gwp": ("没有这种气体的全球增温潜势：{value}", "no warming potential of {value}"),
    "loss_above_all": ("线损率不能超过 100%：{value}", "losses cannot be above all: {value}"),
}
SOURCE_REFUSED: dict[str, Text] = {
    "no_source": ("没有来源", "there is no source"),
    "twice": ("来源出现两次", "the source is there twice"),
    "not_above_zero": ("总量须大于零：{value}", "a total must be above zero: {value}"),
    "not_among_them": ("所选来源不在其中", "the selected source is not among them"),
}
REASONS_TEXT: dict[str, Text] = {
    "boundary": ("核算边界", "boundary"),
    "territory_or_supply": ("属地或消费口径", "territory or supply"),
    "process_emissions": ("是否含工业过程排放", "process emissions"),
    "gases": ("气体种类", "gases"),
    "scope": ("范围", "scope"),
    "method": ("方法", "method"),
    "year": ("年份", "year"),
    "revision": ("修订版次", "revision"),
}
VERDICTS_TEXT: dict[str, Text] = {"differs": ("不同", "differs"), "unstated": ("未说明", "not stated")}


def counted_twice(error: SiteCountedTwice) -> Text:
    """Both paths by which a site comes into a sum: `厂区 A 重复计入：重庆 → 园区；重庆 → 示范楼`."""
    paths = [" → ".join(path) for path in error.paths]
    return (
        f"{error.site} 重复计入：{'；'.join(paths)}",
        f"{error.site} would be counted twice: {'; '.join(paths)}",
    )


def cell_refused(error: CellRefused) -> Text:
    """What is wrong and where: `I.1.1：既无吨数又无标注代码；空白不作 0 计`."""
    zh, en = (text.format(**error.about) for text in CELL_REFUSED[error.code])
    ref = error.about.get("ref")
    return (f"{ref}：{zh}", f"{ref}: {en}") if ref else (zh, en)


def source_refused(error: SourceRefused) -> Text:
    zh, en = (text.format(**error.about) for text in SOURCE_REFUSED[error.code])
    name = error.about.get("source")
    return (f"{name}：{zh}", f"{name}: {en}") if name else (zh, en)
