"""Which person an account becomes: by what its provider vouches for, and never over a login."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User

from releases.models import Handle, HandleKind, Person, Role
from tests.factories import make_manager, make_member, make_person

pytestmark = [pytest.mark.once, pytest.mark.django_db]

ADDRESS = "thea@example.org"


def make_known(kind=HandleKind.EMAIL, value=ADDRESS, **fields):
    """A release manager whom an admin has entered, with a handle and no login."""
    person = make_manager(**fields)
    person.handles.create(kind=kind, value=value)
    return person


def words(answer):
    return answer.content.decode()


@pytest.mark.parametrize("spelling", [ADDRESS, "Thea@Example.ORG"])
def test_a_verified_address_is_the_person_who_has_it(spelling, oidc, provider, visitor):
    thea = make_known()
    provider.has("17", email=spelling, email_verified=True, name="T. Ito")
    visitor.sign_in("17")
    thea.refresh_from_db()
    assert (visitor.name, thea.user, thea.name) == ("thea", User.objects.get(), thea.name)
    assert Person.objects.count() == 1


NOT_VERIFIED = {
    "said not to be": {"email_verified": False},
    "not said": {},
    "said in words not to be": {"email_verified": "false"},
    "said by a number": {"email_verified": 1},
    "said by a list": {"email_verified": [True]},
}


@pytest.mark.parametrize("case", NOT_VERIFIED)
def test_an_address_that_is_not_verified_is_refused(case, oidc, provider, visitor):
    thea = make_known()
    provider.has("mallory", email=ADDRESS, preferred_username="thea", **NOT_VERIFIED[case])
    answer = visitor.sign_in("mallory")
    assert (answer.status_code, visitor.name) == (403, "")
    assert f"Example SSO has not verified the address {ADDRESS}." in words(answer)
    thea.refresh_from_db()
    assert (thea.user, User.objects.count(), Person.objects.count()) == (None, 0, 1)


def test_that_it_is_verified_does_not_pass_from_one_document_to_the_other(oidc, provider, visitor):
    thea = make_known()
    provider.has("mallory", email="mallory@example.org", email_verified=True)
    provider.lie(**{"/userinfo": {"email": ADDRESS, "email_verified": None}})
    assert visitor.sign_in("mallory").status_code == 403
    thea.refresh_from_db()
    assert thea.user is None


@pytest.mark.parametrize(
    ("known", "address"),
    [
        ("thia@example.org", "th\u0131a@example.org"),
        ("th\u0131a@example.org", "thia@example.org"),
        ("thek@example.org", "the\u212a@example.org"),
        (ADDRESS, "thea@exampl\u0435.org"),
    ],
)
def test_an_address_in_letters_that_look_alike_is_nobodys(known, address, oidc, provider, visitor):
    thea = make_known(value=known)
    provider.has("mallory", email=address, email_verified=True, preferred_username="mallory")
    visitor.sign_in("mallory")
    thea.refresh_from_db()
    assert (thea.user, visitor.name) == (None, "mallory")


@pytest.mark.parametrize("claim", ["preferred_username", "name", "nickname", "sub"])
def test_a_name_that_somebody_gave_themselves_makes_them_nobody_else(
    claim, oidc, provider, visitor
):
    thea = make_known(HandleKind.IRC, "thea", name="Thea")
    root = make_manager(user=User.objects.create_superuser("root", password="x"), name="Root")
    for wanted in ("thea", "root"):
        sub = wanted if claim == "sub" else f"mallory-{wanted}"
        provider.has(sub, **({} if claim == "sub" else {claim: wanted}))
        visitor.sign_in(sub)
        assert visitor.name not in {"", "thea", "root"}
        visitor.client.post("/logout/")
    thea.refresh_from_db()
    assert thea.user is None
    newcomers = Person.objects.exclude(pk__in=[thea.pk, root.pk])
    assert [person.memberships.count() for person in newcomers] == [0, 0]


def test_a_login_that_exists_is_opened_by_no_claim(oidc, provider, visitor):
    root = User.objects.create_superuser("root", password="x", email="root@example.org")
    thea = make_known(user=User.objects.create_user("thea", password="x"))
    for address in (ADDRESS, "ROOT@example.org"):
        provider.has(address, email=address, email_verified=True)
        answer = visitor.sign_in(address)
        assert (answer.status_code, visitor.name) == (403, "")
        assert "You have a login here already. Sign in with it" in words(answer)
    assert SocialAccount.objects.count() == 0
    assert set(User.objects.all()) == {root, thea.user}


def test_who_fits_two_people_is_neither(github, visitor):
    make_known(HandleKind.GITHUB, f"{github.url.removeprefix('http://')}/octocat")
    make_known(HandleKind.EMAIL, "mona@example.org")
    answer = visitor.come_back(github.answer(visitor.start("github")))
    assert (answer.status_code, "fits more than one person" in words(answer)) == (403, True)


def test_without_an_address_one_is_somebody_new_with_nothing(oidc, provider, visitor):
    make_known()
    provider.has("17", name="Somebody", preferred_username="some body/\u202e")
    visitor.sign_in("17")
    person = Person.objects.get(name="Somebody")
    assert (visitor.name, person.memberships.count()) == ("somebody", 0)
    assert person.handles.count() == 0


@pytest.mark.parametrize(
    "name", ["x" * 121, "a\0b", "two\nlines", "\u202etxet", 17, ["x"], None, "  "]
)
def test_a_name_that_is_none_is_left_out(name, oidc, provider, visitor):
    provider.has("17", name=name, preferred_username="thea")
    visitor.sign_in("17")
    assert (visitor.name, Person.objects.get().name) == ("thea", "thea")


def test_a_username_that_is_taken_gets_a_number(oidc, provider, visitor):
    User.objects.create_user("Jun")
    make_person(name="Jun-2").handles.create(kind=HandleKind.IRC, value="jun-3")
    provider.has("17", preferred_username="jun")
    visitor.sign_in("17")
    assert visitor.name == "jun-4"


def test_strangers_may_be_kept_out(configure, provider, visitor):
    configure(new_people=False)
    thea = make_known()
    provider.has("17", email="sol@example.org", email_verified=True, preferred_username="sol")
    answer = visitor.sign_in("17")
    assert (answer.status_code, User.objects.count()) == (403, 0)
    assert "Nobody here is known as sol at Example SSO." in words(answer)
    provider.has("18", email=ADDRESS, email_verified=True)
    visitor.sign_in("18")
    thea.refresh_from_db()
    assert visitor.name == thea.user.username


def test_the_same_name_at_another_issuer_is_somebody_else(configure, provider, visitor):
    """Else whoever moves to another provider gives each login to who has its number there."""
    configure()
    provider.has("42", preferred_username="thea")
    visitor.sign_in("42")
    visitor.client.post("/logout/")
    SocialAccount.objects.update(uid="https://old.example.org#42")
    provider.has("42", preferred_username="mallory")
    visitor.sign_in("42")
    assert (visitor.name, User.objects.count()) == ("mallory", 2)


# --- Joining another account ------------------------------------------------------------------


@pytest.fixture
def thea(client):
    """Somebody with a name and a password, who is signed in."""
    user = User.objects.create_user("thea", password="x")
    person = make_known(user=user)
    client.force_login(user)
    return person


def join(visitor, sub, **fields):
    return visitor.come_back(visitor.provider.answer(visitor.start(join="yes"), sub=sub, **fields))


def test_from_ones_own_page_an_account_is_joined_and_left(oidc, thea, provider, visitor):
    provider.has("17", preferred_username="thea-at-work", email=ADDRESS, email_verified=False)
    page = words(visitor.client.get("/me/"))
    assert "Join an account at Example SSO" in page
    answer = join(visitor, "17")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/me/")
    assert "opens this login too" in words(visitor.client.get("/me/"))
    visitor.client.post("/logout/")
    visitor.sign_in("17")
    assert visitor.name == "thea"
    account = SocialAccount.objects.get()
    visitor.client.post(f"/me/accounts/{account.pk}/leave/")
    assert "opens this login no longer" in words(visitor.client.get("/me/"))
    visitor.client.post("/logout/")
    assert visitor.sign_in("17").status_code == 403


def test_joining_takes_a_session_and_the_one_that_began_it(oidc, thea, provider, visitor):
    provider.has("17")
    location = provider.answer(visitor.start(join="yes"), sub="17")
    visitor.client.post("/logout/")
    assert visitor.come_back(location).status_code == 400
    answer = visitor.client.post("/login/oidc/", {"join": "yes"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/")
    assert SocialAccount.objects.count() == 0


def test_an_account_opens_one_login_and_no_second(oidc, provider, visitor, client):
    provider.has("17", preferred_username="sol")
    visitor.sign_in("17")
    other = User.objects.create_user("thea")
    client.force_login(other)
    answer = join(visitor, "17")
    assert (answer.status_code, "opens another login" in words(answer)) == (403, True)
    assert (visitor.name, SocialAccount.objects.get().user.username) == ("thea", "sol")


def test_the_only_way_in_is_not_left(oidc, provider, visitor):
    provider.has("17")
    visitor.sign_in("17")
    account = SocialAccount.objects.get()
    visitor.client.post(f"/me/accounts/{account.pk}/leave/")
    assert "the only way in" in words(visitor.client.get("/me/"))
    assert SocialAccount.objects.count() == 1


def test_nobody_leaves_an_account_for_somebody_else(oidc, provider, visitor, client):
    provider.has("17")
    visitor.sign_in("17")
    account = SocialAccount.objects.get()
    client.force_login(User.objects.create_user("mallory"))
    assert client.post(f"/me/accounts/{account.pk}/leave/").status_code == 404
    client.logout()
    assert client.post(f"/me/accounts/{account.pk}/leave/").status_code == 302
    assert SocialAccount.objects.count() == 1


# --- GitHub -----------------------------------------------------------------------------------


def github_sign_in(github, visitor, **fields):
    return visitor.come_back(github.answer(visitor.start("github", **fields)))


def test_a_handle_at_github_is_the_person_who_has_it(github, visitor):
    """On a server of one's own it begins with the host, as everywhere here."""
    host = github.url.removeprefix("http://")
    mona = make_known(HandleKind.GITHUB, f"{host}/OctoCat")
    answer = github_sign_in(github, visitor)
    mona.refresh_from_db()
    assert (answer.status_code, visitor.name, mona.user.email) == (
        302,
        "octocat",
        "mona@example.org",
    )
    assert [handle.value for handle in mona.handles.all()] == [
        "mona@example.org",
        f"{host}/OctoCat",
    ]


def test_a_bare_handle_is_one_of_github_com_and_of_no_other_server(github, visitor):
    mona = make_known(HandleKind.GITHUB, "octocat")
    assert github_sign_in(github, visitor).status_code == 403
    mona.refresh_from_db()
    assert mona.user is None


def test_a_login_at_github_that_was_renamed_is_still_the_same(github, visitor):
    make_known(HandleKind.EMAIL, "mona@example.org")
    github_sign_in(github, visitor)
    visitor.client.post("/logout/")
    github.user["login"] = "renamed"
    github_sign_in(github, visitor)
    assert (visitor.name, User.objects.count()) == ("octocat", 1)


def test_who_took_over_a_name_at_github_is_not_who_had_it(github, visitor):
    make_known(HandleKind.EMAIL, "mona@example.org")
    github_sign_in(github, visitor)
    visitor.client.post("/logout/")
    github.user, github.emails = {"id": 2, "login": "octocat"}, []
    answer = github_sign_in(github, visitor)
    assert (answer.status_code, visitor.name) == (403, "")
    assert "You have a login here already." in words(answer)


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_github_has_not_verified_counts_for_nothing(verified, github, visitor):
    mona = make_known(HandleKind.EMAIL, "mona@example.org")
    github.emails[0]["verified"] = verified
    answer = github_sign_in(github, visitor)
    mona.refresh_from_db()
    assert (answer.status_code, mona.user) == (403, None)
    assert "Nobody here is known as octocat at GitHub." in words(answer)


def test_a_stranger_from_github_is_kept_out_unless_the_settings_say_otherwise(
    github, visitor, settings
):
    assert github_sign_in(github, visitor).status_code == 403
    assert User.objects.count() == 0
    (app,) = settings.SOCIALACCOUNT_PROVIDERS["github"]["APPS"]
    app["settings"]["new_people"] = True
    github_sign_in(github, visitor)
    host = github.url.removeprefix("http://")
    assert Handle.objects.get(kind=HandleKind.GITHUB).value == f"{host}/octocat"
    assert Person.objects.get().name == "Mona Octocat"


def test_joining_an_account_of_github_proves_its_handle(github, thea, visitor):
    answer = github_sign_in(github, visitor, join="yes")
    assert answer.status_code == 302
    assert thea.handles.filter(kind=HandleKind.GITHUB, value__endswith="/octocat").exists()


def test_a_handle_that_somebody_has_stays_theirs_where_another_joins(github, thea, visitor):
    host = github.url.removeprefix("http://")
    jun = make_member(Role.REVIEWER)
    jun.handles.create(kind=HandleKind.GITHUB, value=f"{host}/octocat")
    github_sign_in(github, visitor, join="yes")
    assert Handle.objects.get(kind=HandleKind.GITHUB).person == jun


@pytest.mark.parametrize("broken", [{"id": None}, {"login": None}, {"id": "583231"}])
def test_github_has_to_say_who_it_is(broken, github, visitor):
    github.user |= broken
    answer = github_sign_in(github, visitor)
    assert (answer.status_code, visitor.name) == (502, "")


def test_without_the_right_to_read_addresses_the_handle_is_enough(github, visitor):
    host = github.url.removeprefix("http://")
    mona = make_known(HandleKind.GITHUB, f"{host}/octocat")
    github.emails = None
    github_sign_in(github, visitor)
    mona.refresh_from_db()
    assert visitor.name == mona.user.username
