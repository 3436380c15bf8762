"""A release out of one database and into another; tables that no spreadsheet runs."""

import csv
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.exporting import MODELS, harmless_cell, import_release
from governance.models import Decision, ExceptionRequest, Notice
from governance.refusals import Refused
from releases.models import Person
from tests.factories import make_budget, make_proposal, make_release, utc
from tests.governance.unguarded import unguarded_ledger


def filled(scene):
    proposal = make_proposal(project=scene.nova, release=None, author=scene.jun, branch="~j/n/b")
    proposal.reviews.create(reviewer=scene.ondine, verdict="approve", at=scene.now)
    proposal.reclassify(to="feature", by=scene.thea, at=scene.now, why="It is one.")
    scene.release.projects.add(scene.nova, scene.swift)
    make_budget(release=scene.release, project=scene.nova, limit=9)
    scene.jun.handles.create(kind="email", value="jun@example.org")
    granted = scene.grant(
        scene.ask(proposals=[proposal], title="Vólumes “and” more"), conditions=["nova-core"]
    )
    granted.conditions.get().confirm(by=scene.ondine, at=scene.now)
    scene.grant(expires=scene.gamma)
    scene.gamma.move(to=utc(2011, 4, 6), by=scene.thea, at=scene.now, why="Two wait.")
    scene.decide(scene.ask(), "deny")


def document(release="cactus"):
    out = StringIO()
    call_command("export_release", release, stdout=out)
    return out.getvalue()


def emptied():
    """Another database: this one with nothing of it left."""
    Notice.objects.all().delete()  # what people here were told goes into no document
    with unguarded_ledger():
        for model in reversed(list(MODELS.values())):
            model.objects.all()._raw_delete("default")  # noqa: SLF001 as a database does


def test_a_release_goes_out_and_comes_back_exactly(scene):
    filled(scene)
    text = document()
    assert {name for name in MODELS if not json.loads(text)[name]} == set()
    emptied()
    assert not Person.objects.exists()
    new = import_release(text)
    assert new["decisions"] == 6
    assert document() == text
    assert Decision.objects.first_broken() is None
    assert set(import_release(text).values()) == {0}
    later = scene.ask()  # keys go on after those that were brought
    assert later.pk > max(row["id"] for row in json.loads(text)["exceptions"])


def test_a_release_whose_proposals_moved_on_comes_after_the_one_they_are_meant_for(scene):
    moved = make_proposal(project=scene.nova, release=None)
    scene.decide(scene.ask(proposals=[moved]), "defer")
    moved.release = make_release(slug="diablo", name="Diablo")
    moved.save()
    cactus, diablo = document(), document("diablo")
    emptied()
    with pytest.raises(Refused, match=rf"not here, whose key is {moved.release_id}\. Import that"):
        import_release(cactus)
    assert not Person.objects.exists()
    import_release(diablo)
    assert import_release(cactus)["decisions"] == 2
    assert (document(), document("diablo")) == (cactus, diablo)


def test_logins_and_other_releases_stay_where_they_are(scene, client, django_user_model):
    filled(scene)
    scene.jun.user = django_user_model.objects.create_user("jun", password="an old secret")
    scene.jun.save()
    make_proposal(release=make_release(slug="bexar"), title="Of Bexar")
    for text in (document(), b"".join(client.get("/releases/cactus/export.json")).decode()):
        assert "password" not in text
        assert "user_id" not in text
        assert "Of Bexar" not in text
    assert "jun@example.org" in document()
    assert "jun@example.org" not in text


def spoilt(text, spoil):
    said = json.loads(text)
    spoil(said)
    return json.dumps(said)


SPOILING = [
    lambda said: said["decisions"][1].update(rationale="Another reason."),
    lambda said: said["decisions"].pop(),
    lambda said: said["exceptions"][0].update(status="landed"),
    lambda said: said["exceptions"][0].update(status="approved"),
    lambda said: said["claims"][0].update(proposal_id=999999),
    lambda said: said["people"][0].update(user_id=1),
    lambda said: said["people"][0].update(id="1"),
    lambda said: said["milestones"][0].update(at="yesterday"),
    lambda said: said["milestones"].append(5),
    lambda said: said.update(format="another"),
    lambda said: said.update(users=[]),
    lambda said: said.update(people={}),
]


def test_a_document_that_was_changed_enters_nothing(scene):
    filled(scene)
    changed = [spoilt(document(), spoil) for spoil in SPOILING]
    emptied()
    for number, text in enumerate(changed):
        with pytest.raises(Refused):
            import_release(text)
        assert (number, ExceptionRequest.objects.exists()) == (number, False)
        assert (number, Person.objects.exists()) == (number, False)


def test_what_is_here_and_differs_is_not_overwritten(scene):
    filled(scene)
    text = document()
    Person.objects.filter(pk=scene.jun.pk).update(name="Juno")
    with pytest.raises(Refused, match="Of the people here already, 1 differs"):
        import_release(text)
    assert Person.objects.get(pk=scene.jun.pk).name == "Juno"


def test_a_file_that_is_none_is_said(db, tmp_path):
    with pytest.raises(CommandError, match="nothing: No such file or directory"):
        call_command("import_release", str(tmp_path / "nothing"))
    (tmp_path / "x").write_text("{")
    with pytest.raises(CommandError, match="x: This is no JSON"):
        call_command("import_release", str(tmp_path / "x"))


def table(client, path):
    answer = client.get(path)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer).decode()
    return list(csv.DictReader(StringIO(text))), text


def test_tables_hold_every_record_and_no_formula(scene, client):
    exception = scene.grant(
        scene.ask(title='=HYPERLINK("http://x","y")', why_now="+1\nand more"),
        rationale="@all: fine",
    )
    exceptions, text = table(client, "/exceptions/export.csv")
    assert [(row["ref"], row["title"]) for row in exceptions] == [
        (exception.reference, '\'=HYPERLINK("http://x","y")')
    ]
    assert text.splitlines()[0].startswith('"ref","title",')
    decisions, _ = table(client, "/decisions/export.csv")
    assert [row["rationale"] for row in decisions] == ["'+1\nand more", "'@all: fine"]


@pytest.mark.parametrize(
    "path", ["/exceptions/export.csv", "/decisions/export.csv", "/releases/cactus/export.json"]
)
def test_an_export_is_sent_while_it_is_read(scene, client, path):
    scene.grant()
    answer = client.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert b"".join(answer.streaming_content)
    assert any(query["sql"].count("FROM") for query in queries)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", " =1", "\n=1", "\uff1d1+1", "\uff20x"]
)
def test_what_looks_like_a_formula_is_text(text):
    assert harmless_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["x", "", "a=b", "'", 5])
def test_other_text_is_as_it_was(value):
    assert harmless_cell(value) == str(value)
