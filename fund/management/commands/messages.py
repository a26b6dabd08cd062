import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from fund.project.catalogue import Message, collect

CATALOGUE = Path(settings.BASE_DIR) / "fund" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")


class Command(BaseCommand):
    help = (
        "Bring the Chinese catalogue up to date with the code (new messages empty, gone ones removed) and compile it. "
        "With --check: change nothing; fail if a message is missing, empty or stale, or the compiled file is not fresh."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true")

    def handle(self, *, check: bool, **_: Any) -> None:
        import polib

        book = polib.pofile(str(CATALOGUE)) if CATALOGUE.exists() else polib.POFile()
        known = {Message(e.msgid, e.msgid_plural, e.msgctxt or ""): e for e in book if not e.obsolete}
        wanted = collect()
        if check:
            self._check(book, known, wanted)
            return
        fresh = polib.POFile(wrapwidth=120)
        fresh.metadata = {
            "Project-Id-Version": "greenlight",
            "Language": "zh_Hans",
            "MIME-Version": "1.0",
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Transfer-Encoding": "8bit",
            "Plural-Forms": "nplurals=1; plural=0;",
        }
        for message, files in wanted.items():
            entry = known.get(message) or polib.POEntry(
                msgid=message.singular, msgid_plural=message.plural, msgctxt=message.context or None
            )
            if message.plural and not entry.msgstr_plural:
                entry.msgstr_plural = {0: ""}
            entry.occurrences = [(name, "") for name in files]
            fresh.append(entry)
        CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
        fresh.save(str(CATALOGUE))
        fresh.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
        empty = [e.msgid for e in fresh if not (e.msgstr or e.msgstr_plural.get(0))]
        self.stdout.write(f"{len(fresh)} messages, {len(empty)} without a translation.")

    def _check(self, book: Any, known: dict[Message, Any], wanted: dict[Message, list[str]]) -> None:
        faults = [
            f"not in the catalogue: {message.singular!r} ({files[0]})"
            for message, files in wanted.items()
            if message not in known
        ]
        faults += [f"no longer used: {message.singular!r}" for message in known if message not in wanted]
        for message, entry in known.items():
            text = entry.msgstr or entry.msgstr_plural.get(0, "")
            if not text or entry.fuzzy:
                faults.append(f"no translation: {message.singular!r}")
            elif set(PLACEHOLDER.findall(text)) != set(PLACEHOLDER.findall(message.plural or message.singular)):
                faults.append(f"other placeholders: {message.singular!r} → {text!r}")
        compiled = CATALOGUE.with_suffix(".mo")
        if not compiled.exists() or compiled.read_bytes() != book.to_binary():
            faults.append("django.mo is not compiled from django.po: run manage.py messages")
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write(f"The catalogue is complete and compiled: {len(known)} messages.")
