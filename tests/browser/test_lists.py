"""Lists in a window of middling width: columns may be narrow, words stay whole."""

import pytest
from django.utils import timezone

from tests.browser.test_pages import PASSWORD
from thaw.demo import load_demo

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The words of links in a table that stand on two lines though each is one word.
BROKEN = r"""() => [...document.querySelectorAll("table.list td a")].flatMap(link => {
    const text = link.firstChild, found = [];
    for (const word of text.data.matchAll(/\S+/g)) {
        const range = document.createRange();
        range.setStart(text, word.index);
        range.setEnd(text, word.index + word[0].length);
        if (range.getClientRects().length > 1) found.push(word[0]);
    }
    return found;
})"""


@pytest.mark.parametrize("width", [700, 1000, 1280])
def test_no_word_of_a_list_is_broken_in_two(width, reader, emptied_ledger):
    load_demo(at=timezone.now(), password=PASSWORD)
    somebody = reader(viewport={"width": width, "height": 700})
    broken = {}
    for path in ("/exceptions/", "/decisions/", "/actions/", "/proposals/", "/people/"):
        assert somebody.open(path) == 200
        broken[path] = somebody.page.evaluate(BROKEN)
        wider = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert (path, somebody.page.evaluate(wider)) == (path, 0)
    assert broken == {path: [] for path in broken}
