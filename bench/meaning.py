"""How well links, suggestions and actions' owners are read: precision and recall on labelled logs.

The labels (`tests/data/labels`) were made by reading the logs. `python -m bench.meaning`, in the
environment of a `Checkout`, prints the counts as JSON.
"""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

from bench.checkout import Checkout
from bench.sample import ROOT
from bench.table import OK, OVER, Row

LABELS = ROOT / "tests" / "data" / "labels"
LOGS = ROOT / "tests" / "data" / "logs"
SHARED = ROOT.parent / "shared"
# Precision and recall that each kind must reach; owners have no bound of their own.
LIMITS = {
    "links by url and number": (1.0, 1.0),
    "all links": (0.97, 0.95),
    "suggestions": (0.80, 0.80),
    "owners of actions": (0.0, 0.0),
}


@dataclass
class Score:
    """What was found against what was to be found, over all logs."""

    found: int = 0
    right: int = 0
    wanted: int = 0

    def add(self, found: set[Any], wanted: set[Any], *, allowed: set[Any]) -> None:
        """`allowed` is right where it is found, and no miss where it is not."""
        self.found += len(found - (allowed - wanted))
        self.right += len(found & wanted)
        self.wanted += len(wanted)

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.wanted if self.wanted else 1.0


def rows() -> Iterator[Row]:
    """A row for each kind of thing that is read out of a log."""
    if not any(_log(label).exists() for label in _labels()):
        yield Row("precision and recall", skipped="the labelled logs are not beside the project")
        return
    with tempfile.TemporaryDirectory(prefix="thaw-bench-") as var:
        counts = Checkout(Path(var), debug=False).answer(__spec__.name)
    for name, count in counts.items():
        score, limits = Score(**count), LIMITS[name]
        yield Row(
            name,
            ours=f"{score.right} right",
            bare=f"{score.found} found",
            ratio=f"P {score.precision:.2f}",
            median=f"R {score.recall:.2f}",
            limit="/".join(f"{limit:.2f}".lstrip("0") for limit in limits),
            verdict=OK if score.precision >= limits[0] and score.recall >= limits[1] else OVER,
        )


def main() -> None:
    django.setup()
    scores = {name: Score() for name in LIMITS}
    labels = [label for label in _labels() if _log(label).exists()]
    _enter_releases(labels)
    for label in labels:
        _score(scores, label)
    print(json.dumps({name: asdict(score) for name, score in scores.items()}))


def _labels() -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted(LABELS.glob("*.json"))]


def _log(label: dict[str, Any]) -> Path:
    ours = label["log"].startswith("tests/")
    return (ROOT if ours else SHARED) / label["log"]


def _enter_releases(labels: list[dict[str, Any]]) -> None:
    """The releases that the labels name, as somebody would have entered them."""
    from releases.models import Release  # noqa: PLC0415 Django is set up first

    links = [link for label in labels for link in (*label["links"], *label["names_in_passing"])]
    slugs = {link["target"] for link in links if link["target"].startswith("release:")}
    for slug in sorted(target.removeprefix("release:") for target in slugs):
        name, _, version = slug.rpartition("-")
        if not name:
            Release.objects.create(slug=slug, name=slug.capitalize())
        else:
            Release.objects.create(slug=slug, name=f"{name} {version}", version=version)


def _score(scores: dict[str, Score], label: dict[str, Any]) -> None:
    from meetings.importing import import_log  # noqa: PLC0415 Django is set up first
    from meetings.logs import DateHints  # noqa: PLC0415 the same

    path = _log(label)
    with path.open("rb") as stream:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        log = import_log(stream, name=path.name, at=at, hints=DateHints(path.name), dry_run=True)
    [meeting] = log.meetings
    wanted = {(link["line"], link["target"]): link["how"] for link in label["links"]}
    found = {(link.line, link.target): link.how for link in meeting.about.links}
    allowed = {(link["line"], link["target"]) for link in label["names_in_passing"]}
    # A link by context is labelled on the lines that show a verdict; elsewhere it is neither.
    labelled = {line for line, _ in wanted}
    found = {key: how for key, how in found.items() if how != "context" or key[0] in labelled}
    plain = {"url", "number"}
    scores["links by url and number"].add(
        {key for key, how in found.items() if how in plain},
        {key for key, how in wanted.items() if how in plain},
        allowed=allowed | wanted.keys(),
    )
    scores["all links"].add(set(found), set(wanted), allowed=allowed)
    scores["suggestions"].add(
        {(one.verdict.value, one.target) for one in meeting.about.suggested},
        {(one["verdict"], one["target"]) for one in label["suggestions"]},
        allowed=set(),
    )
    scores["owners of actions"].add(
        {(given.line, owner) for given in meeting.about.given for owner in given.owners},
        {(one["line"], owner) for one in label["actions"] for owner in one["owners"]},
        allowed=set(),
    )


if __name__ == "__main__":
    main()
