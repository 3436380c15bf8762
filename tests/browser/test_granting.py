"""One exception from the request to its landing, by a release manager in a real browser."""

import re

import pytest
from django.utils import timezone

from governance.models import ExceptionRequest
from releases.models import Milestone, Person, Release
from tests.factories import make_exception
from thaw.demo import load_demo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]

PASSWORD = "an old secret"
PROPOSAL = "https://review.opendev.org/c/openstack/nova/+/803322"
SOURCE = "https://meetings.example.org/log#l-80"
INLINE = re.compile(
    r"<script(?![^>]*\ssrc=)(?![^>]*application/json)|<style|<[a-z][^>]*\s(?:style|on[a-z]+)=",
    re.IGNORECASE,
)
DECIDE = re.compile(r"/admin/governance/exceptionrequest/\d+/decide/")


class Manager:
    """Thea at her screen, signed in; `been` has the path of every page that she came to."""

    def __init__(self, reader):
        self.reader = reader(viewport={"width": 1280, "height": 900})
        self.page = self.reader.page
        self.been = {}
        self.page.on("framenavigated", self._arrive)
        self.reader.enter(Person.objects.get(name="Thea Moreau").user)

    def _arrive(self, frame):
        self.been[frame.url.removeprefix(self.reader.site)] = None

    def sources(self):
        """The pages that she came to as they are sent, before any script touched them."""
        ask = self.page.request.get
        return {path: ask(self.reader.site + path).text() for path in self.been}

    def fill(self, **answers):
        for name, answer in answers.items():
            self.page.fill(f"#id_{name}", answer)

    def press(self, place):
        self.reader.press(place)

    def send(self):
        self.press(".submit-row input[type=submit]")

    def decide(self, button, **answers):
        self.press(f".object-tools a:text-is('{button}')")
        self.fill(**answers)
        self.send()

    def told(self):
        return self.page.inner_text(".messagelist li")


@pytest.fixture
def thea(reader):
    load_demo(at=timezone.now(), password=PASSWORD)
    # Its deadlines are meant in Paris, so that a Hawaiian one has to be said.
    Release.objects.update(zone="Europe/Paris")
    return Manager(reader)


def asked(thea):
    """The page of an exception that she asked for."""
    person, freeze = (
        Person.objects.get(name="Thea Moreau"),
        Milestone.objects.get(slug="featurefreeze"),
    )
    exception = make_exception(by=person, freeze=freeze, at=timezone.now())
    thea.reader.open(f"/admin/governance/exceptionrequest/{exception.pk}/change/")
    return exception


def ask(thea):
    """Ask for an exception by the address of a proposal that nobody here has seen yet."""
    thea.reader.open("/admin/governance/exceptionrequest/")
    thea.press(".object-tools .addlink")
    thea.page.select_option("#id_release", label="Cactus (2011.2)")
    freeze = thea.page.locator("#id_freeze option", has_text="FeatureFreeze")
    thea.page.select_option("#id_freeze", freeze.get_attribute("value"))
    thea.fill(
        title="Shared storage",
        proposals=PROPOSAL,
        why_now="Its other half landed before the freeze.",
        source_url="https://lists.example.org/42",
    )
    thea.send()
    return ExceptionRequest.objects.get(title="Shared storage")


def test_an_exception_from_the_request_to_its_landing(thea):
    exception = ask(thea)
    said = [thea.told()]
    thea.decide(
        "Grant",
        deadline="2099-04-01 00:00 Hawaii",
        conditions="nova-core review",
        rationale="A week is enough.",
        source_url=SOURCE,
        quote="until EOD Tuesday Hawaii time",
    )
    said.append(thea.told())
    thea.press("input[value^='Confirm']")
    said.append(thea.told())
    thea.decide(
        "Extend",
        deadline="12:30 on 3 April 2099, Asia/Kolkata",
        rationale="The reviewer was ill.",
    )
    said.append(thea.told())
    thea.decide("Land", rationale="Merged.")
    said.append(thea.told())
    name = exception.reference
    assert said == [
        f"{name} Shared storage is asked for.",
        f"{name}: granted until 2099-04-01 10:00 UTC.",
        "“nova-core review” is confirmed.",
        f"{name}: extended until 2099-04-03 07:00 UTC.",
        f"{name}: landed.",
    ]

    thea.reader.open(f"/exceptions/{name}/")
    ledger = thea.page.locator("section[aria-labelledby=ledger] li")
    told = [re.sub(r"\s+", " ", text) for text in ledger.all_inner_texts()]
    starts = [
        "Asked for by Thea Moreau Its other half landed before the freeze.",
        (
            "Granted by Thea Moreau, until Wed 1 April 2099 10:00 UTC A week is enough."
            " until EOD Tuesday Hawaii time"
        ),
        "Extended by Thea Moreau, until Fri 3 April 2099 07:00 UTC The reviewer was ill.",
        "Landed by Thea Moreau Merged.",
    ]
    assert [text[: len(start)] for text, start in zip(told, starts, strict=True)] == starts
    instants = ledger.locator("time").evaluate_all("all => all.map((time) => time.dateTime)")
    decided = [f"{decision.at:%Y-%m-%dT%H:%M:%SZ}" for decision in exception.decisions.all()][::-1]
    assert instants == [
        decided[0],
        "2099-04-01T10:00:00Z",
        decided[1],
        "2099-04-03T07:00:00Z",
        decided[2],
        decided[3],
    ]
    links = ledger.locator(".source a").evaluate_all("all => all.map((link) => link.href)")
    assert links == ["https://lists.example.org/42", SOURCE]
    request = thea.page.locator("section[aria-labelledby=request]")
    assert "confirmed by Thea Moreau" in request.inner_text()
    assert request.locator(f'a[href="{PROPOSAL}"]').count() == 1
    assert thea.page.locator(".standing").inner_text().startswith("Landed")

    assert len([path for path in thea.been if DECIDE.match(path)]) == 3
    inline = {path: INLINE.findall(html) for path, html in thea.sources().items()}
    assert inline == {path: [] for path in thea.been}
    assert thea.reader.complaints == []


def test_a_refusal_is_read_beside_its_field_and_what_was_typed_stays(thea):
    exception = asked(thea)
    thea.decide(
        "Grant",
        deadline="2098-03-09 02:30 New York",
        rationale="A week is enough.",
    )
    errors = thea.page.locator(".form-row.errors")
    assert errors.count() == 1
    assert errors.inner_text().startswith("There is no 02:30 on 9 March 2098 in America/New_York")
    assert thea.page.input_value("#id_deadline") == "2098-03-09 02:30 New York"
    assert thea.page.input_value("#id_rationale") == "A week is enough."
    exception.refresh_from_db()
    assert exception.status == "requested"
    assert thea.reader.complaints == []


def test_the_reading_is_shown_while_the_words_are_typed_and_confirmed_where_doubtful(thea):
    exception = asked(thea)
    thea.press(".object-tools a:text-is('Grant')")
    thea.page.locator("#id_deadline").press_sequentially("midnight, 1 July 2099, PST")
    reading = thea.page.locator("#deadline-reading p")
    reading.filter(has_text="2 July 2099 08:00 UTC").wait_for()
    thea.fill(rationale="A week is enough.")
    thea.send()
    assert thea.page.locator(".form-row.errors").count() == 1
    thea.page.check("#id_deadline_confirmed")
    thea.send()
    assert thea.told() == f"{exception.reference}: granted until 2099-07-02 08:00 UTC."
    assert thea.reader.complaints == []


def test_several_are_denied_from_the_list_with_one_reason(thea):
    undecided = asked(thea)
    standing = ExceptionRequest.objects.get(title="A console in the browser")
    thea.reader.open("/admin/governance/exceptionrequest/")
    thea.page.locator("input.action-select").nth(0).check()
    thea.page.locator("input.action-select").nth(1).check()
    thea.page.select_option("select[name=action]", "deny")
    thea.press("button[name=index]")
    thea.fill(rationale="Too late.")
    thea.send()
    told = thea.page.locator(".messagelist li")
    assert told.all_inner_texts() == [
        (
            f"{standing.reference} is granted; “deny” is for one that is undecided. Somebody may"
            " have decided meanwhile: reload it."
        ),
        f"{undecided.reference}: denied.",
    ]
    assert [item.get_attribute("class") for item in told.all()] == ["error", "success"]
    assert thea.reader.complaints == []


def test_no_decision_page_is_wider_than_its_window(thea):
    exception = asked(thea)
    own = f"/admin/governance/exceptionrequest/{exception.pk}"
    wider = {}
    for path in (
        "/exceptions/",
        exception.get_absolute_url(),
        f"{own}/change/",
        f"{own}/decide/grant/",
        "/admin/governance/exceptionrequest/add/",
    ):
        thea.reader.open(path)
        for width in (360, 1280):
            thea.reader.resize(width)
            wider[path, width] = thea.page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
    assert wider == dict.fromkeys(wider, 0)
    assert thea.reader.complaints == []


BOX = "element => { const box = element.getBoundingClientRect(); return [box.top, box.bottom]; }"


def test_no_button_covers_the_sentence_that_says_how_it_stands(thea):
    granted = ExceptionRequest.objects.get(title="Volumes through the API")
    thea.reader.open(f"/admin/governance/exceptionrequest/{granted.pk}/change/")
    for width in (360, 1280):
        thea.reader.resize(width)
        sentence = thea.page.locator("#content p", has_text="Granted until")
        top, bottom = sentence.evaluate(BOX)
        buttons = [button.evaluate(BOX) for button in thea.page.locator(".object-tools a").all()]
        assert len(buttons) == 7
        covering = [box for box in buttons if box[0] < bottom and box[1] > top]
        assert (width, covering) == (width, [])


def test_on_a_phone_no_heading_of_the_list_covers_its_rows(thea):
    thea.page.set_viewport_size({"width": 360, "height": 800})
    thea.reader.open("/exceptions/")
    headings = thea.page.locator("main thead th").evaluate_all(
        "all => all.map((cell) => cell.getBoundingClientRect())"
        ".filter((box) => box.right > 0 && box.width > 1).length"
    )
    assert headings == 0
