"""Find what a line of chat refers to: merge proposals, bugs, blueprints, milestones, stories.

The module is a table. `URL_SHAPES` has one row for each shape of address, `TEXT_SHAPES` one for
each shape that people write without an address; the first row that fits wins. A new forge is a new
row. A new shape in plain text also has to be let through by `TOKEN`.

Nothing is fetched and nothing is raised: an address that fits no row is no reference.

Anybody can write into a chat, and every line of every log is read here. So each repetition in a
pattern has an upper limit and no repetition stands inside another, which keeps the time in step
with the length of the text.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Reference:
    """One thing that a text refers to, and where in the text it does so.

    `key` is the same for every way to write the same thing on one forge. It begins with the host
    where that is not the one host everybody means (gitlab.com, bugs.debian.org, ...), and always
    for Gerrit, Forgejo, Pagure, Bugzilla, Phabricator and Patchwork. `url` is where a person can
    look at it, always https. `span` is (start, end) in the text that was searched, with any query
    and fragment, without the punctuation around it. `project` and `branch` are what the address
    itself says: "nova" and "~justin/nova/volumes" on Launchpad (`branch` is for Launchpad only),
    "owner/repo" or "group/sub/project" elsewhere; None where it says nothing.

    GitHub counts issues and pull requests together, so a bug and a proposal there with equal keys
    are one thing: `owner/repo#12` in plain text is taken for a proposal, `/issues/12` for a bug.
    Upper and lower case of owners and repositories stay as they were written.
    """

    forge: str
    kind: str
    key: str
    url: str
    span: tuple[int, int]
    project: str | None = None
    branch: str | None = None

    @property
    def target(self) -> str:
        """The public name of the thing: kind, forge and key, as in `proposal:launchpad:54464`."""
        return f"{self.kind}:{self.forge}:{self.key}"


class Shape(NamedTuple):
    """One row of a table.

    `pattern` is matched from the start of the address without its scheme (`host/path?query#part`,
    host in lower case) or, for plain text, against the whole token. `key` and `url` are filled from
    its named groups and from {at}: empty on the host `home`, "host/" on any other.
    """

    forge: str
    kind: str
    pattern: re.Pattern[str]
    key: str
    url: str
    home: str = ""


# Hosts that are the same place under another name.
HOST_ALIASES = {
    "review.openstack.org": "review.opendev.org",
    "api.github.com": "github.com",
    "www.github.com": "github.com",
    "www.gitlab.com": "gitlab.com",
    "api.bitbucket.org": "bitbucket.org",
    "www.bitbucket.org": "bitbucket.org",
}

# What stands behind these is unknown until somebody asks them, so they never name a thing,
# however much their path may look like a number on some forge.
SHORTENERS = frozenset({"bit.ly", "tinyurl.com", "t.co", "goo.gl", "is.gd", "ow.ly", "youtu.be"})

# Longer than any address a forge gives out; what is longer is left alone, never cut.
MAX_URL = 2000


# The parts that the rows are made of.
_PORT = r"(?::[0-9]{1,5})?"
_HOST = rf"(?P<host>[a-z0-9][a-z0-9.-]{{0,252}}{_PORT})"
_GITHUB = rf"(?P<host>github\.[a-z0-9][a-z0-9.-]{{0,245}}{_PORT})"
_REVIEW = (
    rf"(?P<host>(?:(?:review|gerrit)\.[a-z0-9][a-z0-9.-]{{0,245}}"
    rf"|[a-z0-9-]{{1,63}}-review\.googlesource\.com){_PORT})"
)
_PATCHWORK = rf"(?P<host>(?:patchwork|patches)\.[a-z0-9][a-z0-9.-]{{0,240}}{_PORT})"
# Every Launchpad site answers for every path, or sends the browser on; so does its API.
_LAUNCHPAD = (
    r"(?:(?:code|bugs|blueprints|answers|translations|api|www)\.)?(?:edge\.)?launchpad\.net"
    r"(?:/(?:devel|beta|1\.0))?"
)
_PILLAR = r"(?P<project>[A-Za-z0-9][\w.+-]{0,63})"
_BASE = r"(?P<base>(?:/[\w-]{1,32})??)"  # a forge that does not live at the root of its host
_OWNER_REPO = r"(?P<project>\w[\w-]{0,38}/[\w.-]{1,100})"
_PATH = r"(?P<project>\w[\w.+-]{0,99}/[\w./+-]{1,255}?)"  # two segments or more
_N = r"(?P<number>[1-9][0-9]{0,9})(?![\w%@-]|\.[0-9])"
_NAME = r"(?P<name>\w[\w.~+-]{0,127})(?![\w.~+%@-])"
_MESSAGE_ID = r"(?P<name>[^/?#@]{1,200}@[\w.:-]{1,200})(?![\w.:%@-])"
_END = r"/?(?:[?#]|\Z)"  # for shapes so short that nothing but the end tells them from a path


def _re(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


URL_SHAPES: tuple[Shape, ...] = (
    # Launchpad numbers its merge proposals and its bugs across all projects.
    Shape("launchpad", "proposal", _re(
        rf"{_LAUNCHPAD}/(?P<branch>~[\w.+-]{{1,64}}/(?:\+junk|\+git|{_PILLAR})/[\w.+@~/-]{{1,400}}?)"
        rf"/\+merge/{_N}"),
        "{number}", "https://code.launchpad.net/{branch}/+merge/{number}"),
    Shape("launchpad", "bug", _re(
        rf"(?:pad\.lv|{_LAUNCHPAD}/(?:bugs|{_PILLAR}(?:/[\w.+/-]{{1,200}}?)?/\+bug))/{_N}"),
        "{number}", "https://bugs.launchpad.net/bugs/{number}"),
    Shape("launchpad", "blueprint", _re(
        rf"{_LAUNCHPAD}/{_PILLAR}(?:/[\w.+-]{{1,64}})?/\+spec/{_NAME}"),
        "{project}/{name}", "https://blueprints.launchpad.net/{project}/+spec/{name}"),
    Shape("launchpad", "milestone", _re(rf"{_LAUNCHPAD}/{_PILLAR}/\+milestone/{_NAME}"),
        "{project}/{name}", "https://launchpad.net/{project}/+milestone/{name}"),

    # Every Gerrit knows a change by its bare number, but only the hosts of _REVIEW look like one.
    Shape("gerrit", "proposal", _re(
        rf"{_HOST}{_BASE}/(?:#/)?c/(?P<project>\w[\w./+-]{{0,254}}?)/\+/{_N}"),
        "{host}/{number}", "https://{host}{base}/c/{project}/+/{number}"),
    Shape("gerrit", "proposal", _re(
        rf"{_REVIEW}/(?:(?:#/)?c/|#change,|#patch,\w{{1,16}},){_N}"),
        "{host}/{number}", "https://{host}/{number}"),
    Shape("gerrit", "proposal", _re(
        rf"{_HOST}{_BASE}/#(?:/c/|change,|patch,\w{{1,16}},){_N}"),
        "{host}/{number}", "https://{host}{base}/#/c/{number}/"),
    Shape("gerrit", "proposal", _re(
        rf"{_HOST}{_BASE}/(?:#/)?q/(?P<number>I[0-9a-f]{{8,40}})(?![\w%-])"),
        "{host}/{number}", "https://{host}{base}/q/{number}"),
    Shape("gerrit", "proposal", _re(rf"{_REVIEW}/{_N}{_END}"),
        "{host}/{number}", "https://{host}/{number}"),
    Shape("gerrit", "proposal", _re(rf"(?P<host>gerrit\.[a-z0-9.-]{{1,240}})/r/{_N}{_END}"),
        "{host}/{number}", "https://{host}/r/{number}"),
    Shape("gerrit", "proposal", _re(rf"crrev\.com/c/{_N}"),
        "chromium-review.googlesource.com/{number}",
        "https://chromium-review.googlesource.com/{number}"),
    Shape("gerrit", "proposal", _re(rf"(?:go\.dev|golang\.org)/cl/{_N}"),
        "go-review.googlesource.com/{number}", "https://go-review.googlesource.com/{number}"),

    Shape("github", "proposal", _re(rf"{_GITHUB}/{_OWNER_REPO}/pull/{_N}"),
        "{at}{project}#{number}", "https://{host}/{project}/pull/{number}", "github.com"),
    Shape("github", "proposal", _re(rf"{_GITHUB}/(?:api/v3/)?repos/{_OWNER_REPO}/pulls/{_N}"),
        "{at}{project}#{number}", "https://{host}/{project}/pull/{number}", "github.com"),
    Shape("github", "bug", _re(rf"{_GITHUB}/(?:(?:api/v3/)?repos/)?{_OWNER_REPO}/issues/{_N}"),
        "{at}{project}#{number}", "https://{host}/{project}/issues/{number}", "github.com"),

    # The API of GitLab names projects by a number that nothing else here can be compared with.
    Shape("gitlab", "proposal", _re(rf"{_HOST}/(?!api/){_PATH}(?:/-)?/merge_requests/{_N}"),
        "{at}{project}!{number}", "https://{host}/{project}/-/merge_requests/{number}",
        "gitlab.com"),

    # GitHub has pages under /pulls/ too, but they are lists by author.
    Shape("forgejo", "proposal", _re(
        rf"(?!github\.){_HOST}/(?:api/v1/repos/)?{_OWNER_REPO}/pulls/{_N}"),
        "{host}/{project}#{number}", "https://{host}/{project}/pulls/{number}"),

    Shape("pagure", "proposal", _re(
        rf"{_HOST}/(?:api/0/)?(?P<project>\w[\w./+-]{{0,255}}?)/pull-request/{_N}"),
        "{host}/{project}#{number}", "https://{host}/{project}/pull-request/{number}"),

    Shape("bitbucket", "proposal", _re(
        rf"(?P<host>bitbucket\.org)/(?:2\.0/repositories/)?(?P<project>[\w-]{{1,64}}/[\w.-]{{1,100}})"
        rf"/pull-?requests/{_N}"),
        "{project}#{number}", "https://bitbucket.org/{project}/pull-requests/{number}"),
    Shape("bitbucket", "proposal", _re(
        rf"{_HOST}{_BASE}(?:/rest/api/[\w.]{{1,8}})?"
        rf"/projects/(?P<owner>[\w~.-]{{1,128}})/repos/(?P<name>[\w.-]{{1,128}})"
        rf"/pull-requests/{_N}"),
        "{host}/{owner}/{name}#{number}",
        "https://{host}{base}/projects/{owner}/repos/{name}/pull-requests/{number}"),

    Shape("phabricator", "proposal", _re(
        rf"{_HOST}/(?P<number>D[1-9][0-9]{{0,6}})(?:/new)?{_END}"),
        "{host}/{number}", "https://{host}/{number}"),

    # Before Patchwork, whose /patch/N/ it shares.
    Shape("commitfest", "proposal", _re(
        rf"commitfest\.postgresql\.org/(?:patch|[0-9]{{1,4}})/{_N}"),
        "{number}", "https://commitfest.postgresql.org/patch/{number}/"),

    Shape("patchwork", "proposal", _re(
        rf"{_PATCHWORK}{_BASE}/(?:patch|api(?:/[0-9.]{{1,5}})?/patches)/{_N}"),
        "{host}/{number}", "https://{host}{base}/patch/{number}/"),
    Shape("patchwork", "proposal", _re(
        rf"{_PATCHWORK}{_BASE}/(?:api/(?:[0-9.]{{1,5}}/)?)?covers?/{_N}"),
        "{host}/cover/{number}", "https://{host}{base}/cover/{number}/"),
    Shape("patchwork", "proposal", _re(
        rf"{_PATCHWORK}{_BASE}/(?:api/(?:[0-9.]{{1,5}}/)?)?series/{_N}"),
        "{host}/series/{number}", "https://{host}{base}/series/{number}/mbox/"),
    Shape("patchwork", "proposal", _re(
        rf"{_HOST}{_BASE}/project/(?P<project>[\w.+-]{{1,128}})/list/\?(?:[^#]{{0,200}}&)?series={_N}"),
        "{host}/series/{number}", "https://{host}{base}/project/{project}/list/?series={number}"),
    Shape("patchwork", "proposal", _re(
        rf"{_HOST}{_BASE}/project/(?P<project>[\w.+-]{{1,128}})/(?P<page>patch|cover)/{_MESSAGE_ID}"),
        "{host}/{name}", "https://{host}{base}/project/{project}/{page}/{name}/"),

    # One message stands in the archive of every list it was sent to; /r/ finds any of them.
    Shape("lore", "proposal", _re(
        rf"(?:lore\.kernel\.org/[\w.-]{{1,64}}|lkml\.kernel\.org/r)/{_MESSAGE_ID}"),
        "{name}", "https://lore.kernel.org/r/{name}/"),

    Shape("sourcehut", "proposal", _re(
        rf"{_HOST}/(?P<project>~[\w.-]{{1,64}}/[\w.-]{{1,128}})/patches/{_N}"),
        "{at}{project}#{number}", "https://{host}/{project}/patches/{number}", "lists.sr.ht"),

    Shape("debian", "bug", _re(
        rf"bugs\.debian\.org/(?:cgi-bin/bugreport\.cgi\?(?:[^#]{{0,200}}[&;])?bug=)?{_N}"),
        "{number}", "https://bugs.debian.org/{number}"),
    Shape("bugzilla", "bug", _re(
        rf"{_HOST}(?P<base>(?:/[\w./-]{{1,64}}?)?)/show_bug\.cgi\?(?:[^#]{{0,200}}&)?id={_N}"),
        "{host}/{number}", "https://{host}{base}/show_bug.cgi?id={number}"),
    Shape("bugzilla", "bug", _re(
        rf"(?P<host>bugzilla\.[a-z0-9.-]{{1,240}}{_PORT})/(?:rest/bug/)?{_N}{_END}"),
        "{host}/{number}", "https://{host}/show_bug.cgi?id={number}"),
    Shape("storyboard", "story", _re(rf"{_HOST}/(?:#!/story|api/v1/stories)/{_N}"),
        "{at}{number}", "https://{host}/#!/story/{number}", "storyboard.openstack.org"),
)  # fmt: skip

TEXT_SHAPES: tuple[Shape, ...] = (
    Shape("launchpad", "bug", _re(rf"[Ll][Pp]:? ?#?{_N}"),
        "{number}", "https://bugs.launchpad.net/bugs/{number}"),
    # An owner has a letter in it, or every score and date would be a repository.
    Shape("github", "proposal", _re(rf"(?![0-9]{{1,39}}/){_OWNER_REPO}#{_N}"),
        "{project}#{number}", "https://github.com/{project}/pull/{number}"),
    Shape("gitlab", "proposal", _re(
        rf"(?![0-9]{{1,39}}/)(?P<project>\w[\w.-]{{1,99}}/[\w./-]{{1,255}})!{_N}"),
        "{project}!{number}", "https://gitlab.com/{project}/-/merge_requests/{number}"),
)  # fmt: skip

# What every reference has in it and hardly any other line has. It starts with the rarer characters
# and knows a time of day, because this one search is all that an ordinary line costs.
_HINT = _re(r"[:#!](?://|(?<![0-9]:) ?[0-9])")

# Where a reference may stand. An address ends where ASCII ends, at a bracket or a quote, and before
# the next one of a list written without spaces. Text that follows a letter or a slash is left
# alone, for it is the middle of a path or of an address without a scheme. "LP: 1717598" is a bug
# also without its #, but a short number there may be anything.
_URL_CHARACTER = r"""[^\x00-\x20\x7f-\U0010ffff<>"'`()\[\]{}|\\^,;]|[,;](?!(?i:https?):)"""
TOKEN = _re(
    rf"(?P<url>(?i:https?)://(?:{_URL_CHARACTER}){{1,{MAX_URL + 1}}})"
    rf"|(?<![\w./~@%+-])(?:[Ll][Pp](?::? ?#|: ?(?=[0-9]{{5}}))|\w[\w./-]{{2,254}}[#!]){_N}"
)
_PUNCTUATION = ".,;:!?*)>]}'\""
_ESCAPE = _re(r"%(?:2[Bb]|7[Ee]|40)")
_ESCAPES = {"%2B": "+", "%7E": "~", "%40": "@"}


def find_references(text: str) -> list[Reference]:
    """Every reference in the text, in order, none overlapping; most lines have none.

    An address gives one reference or nothing. Takes any text and raises nothing.
    """
    if not _HINT.search(text):
        return []
    found = []
    for token in TOKEN.finditer(text):
        if token["url"] is None:
            reference = _first(TEXT_SHAPES, token[0], span=token.span())
        else:
            reference = _from_url(token["url"].rstrip(_PUNCTUATION), start=token.start())
        if reference is not None:
            found.append(reference)
    return found


def parse_reference(text: str) -> Reference | None:
    """The reference that this text is; None if it is none, or if more than that stands in it.

    Blanks, brackets, quotes and punctuation around it are forgiven: people paste.
    """
    found = find_references(text)
    if len(found) != 1:
        return None
    start, end = found[0].span
    around = text[:start] + text[end:]
    return None if around.strip().strip(_PUNCTUATION + "<([{ ") else found[0]


def proposal_named(text: str) -> tuple[str, str] | None:
    """Forge and key of the proposal that this text is an address or the public name of.

    An address of an issue on GitHub counts, for the issue may be a proposal.
    """
    words = text.strip()
    if words.startswith("proposal:") and words.count(":") > 1 and words.isprintable():
        _, forge, key = words.split(":", 2)
        return forge, key
    parsed = parse_reference(words)
    if parsed is None or (parsed.kind != "proposal" and parsed.forge != "github"):
        return None
    return parsed.forge, parsed.key


def _from_url(url: str, *, start: int) -> Reference | None:
    if len(url) > MAX_URL:
        return None
    host, slash, rest = url.partition("://")[2].partition("/")
    host = host.lower().removesuffix(":443").removesuffix(":80")
    if host in SHORTENERS:
        return None
    rest = _ESCAPE.sub(lambda escape: _ESCAPES[escape[0].upper()], rest)
    address = HOST_ALIASES.get(host, host) + slash + rest
    return _first(URL_SHAPES, address, span=(start, start + len(url)))


def _first(shapes: tuple[Shape, ...], words: str, *, span: tuple[int, int]) -> Reference | None:
    for shape in shapes:
        if match := shape.pattern.match(words):
            return _reference(shape, match.groupdict(default=""), span=span)
    return None


def _reference(shape: Shape, parts: dict[str, str], *, span: tuple[int, int]) -> Reference | None:
    project, branch, host = parts.get("project"), parts.get("branch"), parts.get("host")
    # A browser would resolve these away and end up somewhere else than the key says.
    if not {"", ".", ".."}.isdisjoint((branch or project or "-").split("/")):
        return None
    parts["at"] = "" if host == shape.home else f"{host}/"
    return Reference(
        forge=shape.forge,
        kind=shape.kind,
        key=shape.key.format_map(parts),
        url=shape.url.format_map(parts),
        span=span,
        project=project or None,
        branch=branch or None,
    )
