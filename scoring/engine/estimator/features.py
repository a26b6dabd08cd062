"""What an estimate may look at: columns of company-years, their standard form, and the text as character n-grams.

Never a feature: emissions or anything made from them, ratings, the wording of a boundary or an assurance (they exist
only where a company reports). Missing is NaN and has an indicator of its own; nothing is filled with a typical value
that a model could take for a measurement.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from scoring.engine.columns import Bools, Floats, Ints, canonical_json

# In the order in which they enter every model. Unit in the name; `_kmoney` is a thousand, `_money` one, of one currency
# per table: logarithms make the currency an offset, so one table must not mix two.
SIZE = ("revenue_money", "employees", "assets_money", "capital_money")
PAY = ("salary_kmoney", "benefit_kmoney")
ACTIVITY = ("electricity_kwh", "energy_mj", "coal_t", "water_t", "waste_t", "hazardous_waste_t")
NUMBERS = SIZE + PAY + ACTIVITY
FLOOR = {"water_t": 0.1, "waste_t": 0.1, "hazardous_waste_t": 0.1, "coal_t": 0.1}  # below what a weighbridge tells

# Traditional to simplified, only characters that differ and occur in the business texts we have seen. Own list.
TRADITIONAL = (
    "亞來係倉個傘備傳債價儀優儲兌兒內凍創劃劑動務勞勢區協參員問單嚴國圍園圓塊塗塵墊壓夾娛嬰學寢實寫寬寶將"
    "專對導層屬帶庫廚廠廢廣廳強彈後徑從復徵態憶應懸戰戶揚據擴攝攬數斷於昇時書會東桿條棄業構樂樑樓標樞橋機"
    "檢權殘殼氣氫決沖減測準滾滿漢漿潔潤濕濟濾灣為無煉煙熱燈營爐爾牆狀現環產畫療發監盤確碼磚礎礦種積穩窯筆"
    "節範築簡簽簾籤糧紅紐純紗紙級紡細紹組結絕絞統絲經綠維網緊線緣編練縣縫縮總績織續纖纜義習聯聲聽腦腳膠臨"
    "與興舊葉蓋藝藥蘭處號蟲術衛衝補裝製複襪規視覺觀觸訂計訊訓託記設許評詢試誌說課調請諮諾證識議護讀變豐貝"
    "負財貨販貴買費貼貿賃資賣質購車軋軌軍軟軸較載輔輛輪輯輸轉辦農連週進遊運過達遞遠選邊郵醫釘針鈣鉛鉸銀銅"
    "銑銲銷鋁鋅鋰鋼錠錫鍊鍋鍍鍛鍵鎂鎖鎮鏈鏡鐵鑄鑽長門閉開間閘關闢陽階際隨險隱雜離雲電靜響頁項順預頭題類顧"
    "顯風飛飯飲飼飾餅養館馬驅驗體鬆魚鮮鹼鹽麥黃點齊齒龍"
)
SIMPLIFIED = (
    "亚来系仓个伞备传债价仪优储兑儿内冻创划剂动务劳势区协参员问单严国围园圆块涂尘垫压夹娱婴学寝实写宽宝将"
    "专对导层属带库厨厂废广厅强弹后径从复征态忆应悬战户扬据扩摄揽数断于升时书会东杆条弃业构乐梁楼标枢桥机"
    "检权残壳气氢决冲减测准滚满汉浆洁润湿济滤湾为无炼烟热灯营炉尔墙状现环产画疗发监盘确码砖础矿种积稳窑笔"
    "节范筑简签帘签粮红纽纯纱纸级纺细绍组结绝绞统丝经绿维网紧线缘编练县缝缩总绩织续纤缆义习联声听脑脚胶临"
    "与兴旧叶盖艺药兰处号虫术卫冲补装制复袜规视觉观触订计讯训托记设许评询试志说课调请咨诺证识议护读变丰贝"
    "负财货贩贵买费贴贸赁资卖质购车轧轨军软轴较载辅辆轮辑输转办农连周进游运过达递远选边邮医钉针钙铅铰银铜"
    "铣焊销铝锌锂钢锭锡链锅镀锻键镁锁镇链镜铁铸钻长门闭开间闸关辟阳阶际随险隐杂离云电静响页项顺预头题类顾"
    "显风飞饭饮饲饰饼养馆马驱验体松鱼鲜碱盐麦黄点齐齿龙"
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}  # ，Ａ１ as ,A1
_FOLD = _FULL_WIDTH | str.maketrans(TRADITIONAL, SIMPLIFIED)


@dataclass(frozen=True, eq=False)
class FirmYears:
    """Company-years as columns, shape (n,). Amounts as reported; NaN is not reported.

    `log10_t` is the target, log10 of tonnes, or None where only an estimate is asked for.
    """

    company_key: tuple[str, ...]
    year: Ints
    sector: tuple[str | None, ...]
    text: tuple[str, ...]
    numbers: Mapping[str, Floats]  # by a name of NUMBERS; a column that is absent is missing throughout
    log10_t: Floats | None = None

    def __len__(self) -> int:
        return len(self.company_key)

    def rows(self, which: Ints | Bools) -> "FirmYears":
        index = np.flatnonzero(which) if which.dtype == np.bool_ else which
        chosen = index.tolist()
        return FirmYears(
            tuple(self.company_key[i] for i in chosen),
            self.year[index],
            tuple(self.sector[i] for i in chosen),
            tuple(self.text[i] for i in chosen),
            {name: column[index] for name, column in self.numbers.items()},
            None if self.log10_t is None else self.log10_t[index],
        )

    def followed_by(self, other: "FirmYears") -> "FirmYears":
        """These rows, then those; a column that only one of them has is missing in the other's rows."""
        names = [name for name in NUMBERS if name in self.numbers or name in other.numbers]
        return FirmYears(
            self.company_key + other.company_key,
            np.concatenate([self.year, other.year]),
            self.sector + other.sector,
            self.text + other.text,
            {name: np.concatenate([_column(self, name), _column(other, name)]) for name in names},
            np.concatenate([self.log10_t, other.log10_t])
            if self.log10_t is not None and other.log10_t is not None
            else None,
        )

    def without(self, columns: Sequence[str]) -> "FirmYears":
        kept = {name: column for name, column in self.numbers.items() if name not in columns}
        return FirmYears(self.company_key, self.year, self.sector, self.text, kept, self.log10_t)

    def known(self, columns: Sequence[str]) -> Bools:
        """Whether at least one of the columns is reported."""
        found = np.zeros(len(self), dtype=np.bool_)
        for name in columns:
            if name in self.numbers:
                found |= ~np.isnan(self.numbers[name])
        return found

    def digest(self) -> str:
        """SHA-256 over all columns, a line per row: the name of a training table."""
        lines = hashlib.sha256()
        names = [name for name in NUMBERS if name in self.numbers]
        columns = [[None if np.isnan(v) else v for v in self.numbers[name].tolist()] for name in names]
        target = [None] * len(self) if self.log10_t is None else [round(v, 12) for v in self.log10_t.tolist()]
        for i in range(len(self)):
            row = {"company_key": self.company_key[i], "year": int(self.year[i]), "sector": self.sector[i]}
            numbers = {name: column[i] for name, column in zip(names, columns, strict=True)}
            lines.update(canonical_json({**row, "text": self.text[i], **numbers, "log10_t": target[i]}).encode())
            lines.update(b"\n")
        return lines.hexdigest()


def folded(text: str) -> str:
    """Text as the models read it: half-width, lower case, simplified characters, no debris of spreadsheets."""
    return text.translate(_FOLD).lower().replace("_x000d_", " ").strip()


def _column(batch: FirmYears, name: str) -> Floats:
    return batch.numbers.get(name, np.full(len(batch), np.nan))


def log10_column(batch: FirmYears, name: str) -> Floats:
    """log10 of a column, NaN where missing. A zero of a weighed thing reads as its floor, any other as missing."""
    column = _column(batch, name)
    column = np.maximum(column, FLOOR[name]) if name in FLOOR else column
    return np.log10(np.where(column > 0, column, np.nan))


@dataclass(frozen=True, eq=False)
class Standard:
    """Logarithms less their training median over their training standard deviation."""

    names: tuple[str, ...]
    centre: Floats
    spread: Floats

    @classmethod
    def of(cls, batch: FirmYears) -> "Standard":
        """From the columns that at least a tenth of the rows report and that vary."""
        names, centres, spreads = [], [], []
        for name in NUMBERS:
            logs = log10_column(batch, name)
            seen = logs[~np.isnan(logs)]
            if len(seen) < max(10, len(batch) / 10) or np.ptp(seen) < 1e-9:
                continue
            names.append(name)
            centres.append(float(np.median(seen)))
            spreads.append(float(np.std(seen)))
        return cls(tuple(names), np.array(centres), np.array(spreads))

    def __call__(self, batch: FirmYears) -> tuple[Floats, Bools]:
        """Standard values and whether they are missing, both (n, columns); missing is 0 and flagged."""
        values = np.zeros((len(batch), len(self.names)))
        missing = np.zeros(values.shape, dtype=np.bool_)
        for j, name in enumerate(self.names):
            logs = log10_column(batch, name)
            missing[:, j] = np.isnan(logs)
            values[:, j] = np.where(missing[:, j], 0.0, (logs - self.centre[j]) / self.spread[j])
        return values, missing


class Texts:
    """Character 1- to 3-grams of the folded text, TF-IDF, rows of length 1 (or 0: no text or none known)."""

    def __init__(self, texts: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import (
            TfidfVectorizer,
        )  # here, not above: whoever only reads cards and tables need not load it

        self._vectorizer: Any = TfidfVectorizer(
            analyzer="char", ngram_range=(1, 3), min_df=2, sublinear_tf=True, preprocessor=folded
        )
        self.empty = False
        try:
            self._vectorizer.fit(texts)
        except ValueError:  # no n-gram occurs twice: then text says nothing
            self.empty = True

    def __call__(self, texts: Sequence[str]) -> Any:
        """Sparse matrix (n, n-grams). The same text is read once, since a company repeats it every year."""
        distinct = {text: i for i, text in enumerate(dict.fromkeys(texts))}
        return self._vectorizer.transform(list(distinct))[[distinct[text] for text in texts]]

    def known_share(self, texts: Sequence[str]) -> Floats:
        """Share of a text's distinct characters that the training texts hold; 1 where there is no text."""
        alphabet = set() if self.empty else {gram for gram in self._vectorizer.vocabulary_ if len(gram) == 1}
        shares: dict[str, float] = {}
        for text in dict.fromkeys(texts):
            characters = set(folded(text)) - {" "}
            shares[text] = len(characters & alphabet) / len(characters) if characters else 1.0
        return np.array([shares[text] for text in texts])

    def grams(self) -> list[str]:
        return [] if self.empty else self._vectorizer.get_feature_names_out().tolist()


def grouped_folds(company_key: Sequence[str], folds: int, seed: int) -> Iterator[tuple[Ints, Ints]]:
    """(training rows, held-out rows) with every company wholly on one side."""
    companies = np.array(sorted(set(company_key)))
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(companies))
    fold_of = {str(companies[c]): position % folds for position, c in enumerate(order.tolist())}
    mine = np.array([fold_of[key] for key in company_key])
    for fold in range(folds):
        yield np.flatnonzero(mine != fold), np.flatnonzero(mine == fold)


def company_weights(company_key: Sequence[str]) -> Floats:
    """1 over the company's rows, so that every company weighs 1."""
    count: dict[str, int] = {}
    for key in company_key:
        count[key] = count.get(key, 0) + 1
    return np.array([1.0 / count[key] for key in company_key])
