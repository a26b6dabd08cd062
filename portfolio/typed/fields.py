"""Form fields for what is typed or handed in: each cleans to a value, or says what is wrong with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from portfolio.typed.bounds import LARGEST, refused
from portfolio.typed.files import ACCEPT, LARGEST_BYTES, LARGEST_MB, EvidenceRefused, Upload, read_upload, too_large
from portfolio.typed.numbers import Reading, UnreadableNumber, grouped, read_number
from portfolio.typed.units import Amount, UnitError
from portfolio.typed.with_unit import read_with_unit


class NumberField(forms.CharField):
    """A number as people type it; cleans to a Reading, or None when left empty. `bound`: of data/bounds.csv."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "num"})

    def __init__(self, *, bound: str = "", negative: bool = False, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=60, **kwargs)
        self.bound, self.negative = bound, negative

    def read(self, typed: str) -> Reading | Amount:
        """Raises UnreadableNumber and UnitError."""
        return read_number(typed, negative=self.negative)

    def clean(self, value: Any) -> Reading | Amount | None:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            reading = self.read(typed)
        except UnreadableNumber as refusal:
            raise forms.ValidationError(str(refusal), code="unreadable") from refusal
        except UnitError as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal
        if self.bound and (why := refused(self.bound, reading.value)):
            raise forms.ValidationError(why, code="impossible")
        return reading


class MeasuredField(NumberField):
    """A number in `unit`, which it may bring along; `unit_names`: what else it may be called.

    Of a unit that is not known yet (empty) the number alone.
    """

    def __init__(self, *, unit: str, unit_names: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unit, self.unit_names = unit, unit_names

    def read(self, typed: str) -> Reading | Amount:
        if not self.unit:
            return super().read(typed)
        return read_with_unit(typed, self.unit, names=self.unit_names, negative=self.negative)


class ShareField(NumberField):
    """A share as 0.8 or 80 %; cleans to a Reading between 0 and 1. A bare number above 1 is asked, never guessed."""

    def read(self, typed: str) -> Reading:
        plain = typed.rstrip("%％").strip()
        number = read_with_unit(plain, "%").value
        share = number / 100 if plain != typed else number
        if plain == typed and 1 < number <= 100:
            words = gettext("“%(typed)s” is more than the whole: is %(typed)s %% meant? Please write the sign, too.")
            raise UnreadableNumber(typed, words % {"typed": plain})
        return Reading(share, f"{grouped(round(share * 100, 9))} %")


class TolerantNumber(forms.FloatField):
    """A figure as people type it: 50,000,000, 1.2万 or 3亿; below zero where the model allows it."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_validators = [MinValueValidator(-LARGEST), MaxValueValidator(LARGEST)]

    def to_python(self, typed: Any) -> Any:
        if typed in self.empty_values or not str(typed).strip():
            return None
        try:
            return read_number(str(typed), negative=True).value
        except UnreadableNumber as refusal:
            raise forms.ValidationError(str(refusal), code="unreadable") from refusal

    def prepare_value(self, value: Any) -> Any:
        return grouped(value) if isinstance(value, float) else value


class EvidenceField(forms.FileField):
    """A file that is looked at before it is kept; cleans to an Upload, or None where there is none."""

    def __init__(self, **kwargs: Any) -> None:
        hint = gettext_lazy("PDF, PNG, JPEG, XLSX, CSV, TXT or OFD, at most %(most)s MB.")
        super().__init__(
            required=False,
            allow_empty_file=True,  # read_upload says it in its own words
            widget=forms.FileInput(attrs={"accept": ACCEPT}),
            help_text=kwargs.pop("help_text", Formatted(hint, {"most": LARGEST_MB})),
            **kwargs,
        )

    def clean(self, data: Any, initial: Any = None) -> Upload | None:
        file = super().clean(data, initial)
        if not isinstance(file, UploadedFile):
            return None
        try:
            if (file.size or 0) > LARGEST_BYTES:  # before a byte of it is read
                raise too_large(file.size or 0)
            return read_upload(file.name or "", file.read())
        except EvidenceRefused as refusal:
            raise forms.ValidationError(str(refusal), code="refused") from refusal


class _SeveralFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name, [])


class SeveralEvidenceField(EvidenceField):
    """As EvidenceField, of several files at once: cleans to a list of Uploads. Together they have the size of one."""

    def __init__(self, **kwargs: Any) -> None:
        hint = gettext_lazy("PDF, PNG, JPEG, XLSX, CSV, TXT or OFD; several at once, together at most %(most)s MB.")
        super().__init__(help_text=Formatted(hint, {"most": LARGEST_MB}), **kwargs)
        self.widget = _SeveralFiles(attrs=self.widget.attrs | {"multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:  # type: ignore[override]
        if sum(file.size or 0 for file in data or ()) > LARGEST_BYTES and len(data) > 1:
            words = gettext("Together these files have more than %(most)s MB: send them one after the other.")
            raise forms.ValidationError(words % {"most": LARGEST_MB}, code="too_large")
        read = [super(SeveralEvidenceField, self).clean(file, initial) for file in data or ()]
        return [upload for upload in read if upload is not None]


class Formatted:
    """A translated sentence with its numbers, put together when it is printed."""

    def __init__(self, words: str | Promise, values: dict[str, Any]) -> None:
        self.words, self.values = words, values

    def __str__(self) -> str:
        return str(self.words) % self.values
