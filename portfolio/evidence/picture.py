"""One page of a PDF as a picture, in a process of its own: `python -m portfolio.evidence.picture PAGE <file >picture`.

What companies hand in is not trusted: the process is bounded in time and memory, has no settings and no secrets, and
when it fails nothing else does. The page is set by typst, which draws PDFs without any library of the system.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

SECONDS, MB = 10, 1024 * 1024
MOST_MEMORY = 2048 * MB
DOTS_PER_INCH = 110.0
LARGEST_PICTURE = 4 * MB
SETTING = """#set page(width: auto, height: auto, margin: 0pt)
#image("evidence.pdf", format: "pdf", page: int(sys.inputs.page), width: 595pt)
"""


class NoPicture(Exception):
    """The file cannot be drawn, or has no such page."""


def picture_of(pdf: bytes, page: int) -> bytes:
    """The page as PNG, pages counted from 1. Raises NoPicture."""
    command = [sys.executable, "-m", "portfolio.evidence.picture", str(page)]
    root = str(Path(__file__).resolve().parents[2])
    bare = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": root}
    try:
        done = subprocess.run(  # noqa: S603  our own module; the file goes in as its input
            command, input=pdf, capture_output=True, timeout=SECONDS, env=bare, cwd=root, check=False
        )
    except subprocess.TimeoutExpired as slow:
        raise NoPicture("too slow") from slow
    if done.returncode != 0 or not 0 < len(done.stdout) <= LARGEST_PICTURE:
        raise NoPicture(done.stderr[-200:].decode(errors="replace"))
    return done.stdout


def _draw(page: int) -> int:
    import typst

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "evidence.pdf").write_bytes(sys.stdin.buffer.read())
        (Path(folder) / "page.typ").write_text(SETTING, encoding="ascii")
        try:
            drawn: bytes | list[bytes] = typst.compile(
                str(Path(folder) / "page.typ"), format="png", ppi=DOTS_PER_INCH, sys_inputs={"page": str(page)}
            )
        except typst.TypstError as refused:
            sys.stderr.write(str(refused))
            return 1
    sys.stdout.buffer.write(drawn[0] if isinstance(drawn, list) else drawn)
    return 0


if __name__ == "__main__":
    sys.exit(_draw(int(sys.argv[1])))
