"""What the demo prints."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from django.utils import timezone
from rich.console import Console
from rich.text import Text

from demo.stage import News
from journal.models import Boundary

ACTORS = {
    "client": "cyan",
    "command": "cyan",
    "provider": "yellow",
    "scope": "blue",
    "consumer": "magenta",
}
MARGIN = 9
FEW = 4


class Timeline:
    """Events in the order in which they happened, and claims about them."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._start = timezone.now()
        self._title = ""
        self._cases = 0
        self._ran = 0
        self._held = 0
        self._broken: list[str] = []

    def case(self, title: str, why: str) -> None:
        """Begin a case."""
        self._cases += 1
        self._title = title
        self._console.print()
        self._print(_margin(str(self._cases), "bold"), Text(title, "bold"))
        self._print(_margin(), Text(why, "dim"))

    def event(self, who: str, what: str, at: datetime) -> None:
        """Tell who did what."""
        since_start = (at - self._start).total_seconds()
        time = (f"{since_start:.2f} s".rjust(MARGIN), "dim")
        actor = (f"  {who:<8}", ACTORS[who])
        self._print(Text.assemble(time, actor), Text(what))

    def news(self, news: News) -> None:
        """Tell what scopes and the consumer did."""
        told = [(at, "scope", line) for b in news.boundaries for at, line in _fates(b)]
        told += [(run.started_at, "consumer", f"ran {run}") for run in news.runs]
        for at, who, what in sorted(told, key=lambda line: line[0]):
            self.event(who, what, at)
        self._ran += len(news.runs)

    def claim(self, text: str, *, expected: object, seen: object) -> None:
        """Check what the case is meant to show."""
        if expected == seen:
            self._held += 1
            self._print(_margin("✓", "green"), Text(text, "green"))
            return
        self._break(text, f"expected {expected!r}", f"seen     {seen!r}")

    def end_of_play(self, why: str) -> None:
        """Break the case that cannot go on, and say that no other follows."""
        self._break("it can be played to its end", why, "The play ends here.")

    def _break(self, text: str, *details: str) -> None:
        self._broken.append(f"{self._title}: {text}")
        self._print(_margin("✗", "bold red"), Text(text, "bold red"))
        for detail in details:
            self._print(_margin(), Text(detail, "red"))

    def verdict(self) -> int:
        """Sum up, and return the exit status."""
        self._console.print()
        if not self._broken:
            told = f"All {self._held} claims hold. The consumer ran {self._ran} tasks."
            self._console.print(Text(told, "bold green"))
            return 0
        total = self._held + len(self._broken)
        told = f"{len(self._broken)} of {total} claims do not hold:"
        self._console.print(Text(told, "bold red"))
        for claim in self._broken:
            self._print(_margin("✗", "red"), Text(claim, "red"))
        return 1

    def _print(self, margin: Text, body: Text) -> None:
        # Not a table: it would pad every line of a log file with spaces.
        width = self._console.width - len(margin) - 2
        for line in body.wrap(self._console, width):
            line.rstrip()
            self._console.print(Text.assemble(margin, "  ", line), soft_wrap=True)
            margin = Text(" " * len(margin))


def _margin(text: str = "", style: str = "") -> Text:
    return Text(text.rjust(MARGIN), style)


def _fates(boundary: Boundary) -> Iterator[tuple[datetime, str]]:
    """Say when what became of each effect, those of one fate together."""
    effects = sorted(boundary.effects.all(), key=lambda effect: effect.what_happened)
    for what_happened, group in groupby(effects, lambda effect: effect.what_happened):
        effects_alike = list(group)
        calls = [effect.call for effect in effects_alike]
        told = ", ".join(calls) if len(calls) <= FEW else f"{len(calls)} effects"
        reason = "" if boundary.flushed else f": {boundary.verdict}"
        at = effects_alike[0].sent_at or boundary.at
        yield at, f"{what_happened} {told}{reason}"
