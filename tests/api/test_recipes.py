"""The recipes of docs/ as anybody would run them: real curl, real git, a site that is served."""

import os
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import yaml

from releases.models import MergeProposal
from tests.factories import make_exception, make_freeze, make_milestone, make_proposal, utc

RECIPES = Path(__file__).parents[2] / "docs" / "recipes"

pytestmark = [
    pytest.mark.once,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("curl"), reason="no curl is installed"),
]


@pytest.fixture
def site(live_server, emptied_ledger):
    """Two pull requests in a freeze: one with an exception, one without."""
    freeze = make_freeze()
    make_milestone(release=freeze.release, kind="release", at=utc(2099, 1, 1))
    let, kept = (
        make_proposal(
            forge="github",
            key=f"openstack/nova#{number}",
            url=f"https://github.com/openstack/nova/pull/{number}",
            release=freeze.release,
        )
        for number in (12, 13)
    )
    make_exception(status="granted", freeze=freeze, proposals=[let], expires=utc(2098, 1, 1))
    return live_server.url, let.url, kept.url


def run(command, *, cwd=None, given=None, **environment):
    return subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "HOME": str(cwd or "/nonexistent")} | environment,
        capture_output=True,
        text=True,
        input=given,
        timeout=60,
        check=False,
    )


def test_a_script_with_curl_alone_says_what_the_gate_says(site):
    url, let, kept = site
    may_land = [str(RECIPES / "may-land")]
    said = [
        (done.returncode, done.stdout)
        for done in (
            run([*may_land, let], THAW_URL=url),
            run([*may_land, kept], THAW_URL=url),
            run([*may_land, "nothing"], THAW_URL=url),
            run([*may_land, let, "no-such-release"], THAW_URL=url),
        )
    ]
    assert [status for status, _ in said] == [0, 1, 2, 2]
    assert said[0][1].startswith("May land. FFE-")
    assert said[1][1].startswith("May not land. ")
    assert said[2][1].startswith("Cannot tell (404). Nothing here is known as “nothing”. ")
    assert "what is not known here may not land. Ask for an exception at http" in said[2][1]
    assert "There is no release" in said[3][1]
    assert run([*may_land, let], THAW_URL="http://127.0.0.1:9").returncode == 2
    for shell in filter(shutil.which, ("sh", "bash")):  # sh is either
        unset = run([shell, *may_land, let])
        assert (unset.returncode, unset.stdout) == (
            2,
            "Cannot tell. Set THAW_URL to the address of Thaw.\n",
        )
        unnamed = run([shell, *may_land], THAW_URL=url)
        assert (unnamed.returncode, unnamed.stdout[:12]) == (2, "Cannot tell.")


def test_a_script_names_the_change_where_several_have_the_name(site):
    newest = [make_proposal(branch=f"~p{number}/nova/fix") for number in range(3)][-1]
    said = run([str(RECIPES / "may-land"), "fix"], THAW_URL=site[0]).stdout
    assert said.endswith(
        f" This is about {newest.url}; “fix” also names 2 others. Ask for one of them by its"
        " address.\n"
    )


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (502, "<html>\n<h1>Bad Gateway</h1>", "What answers at {url} is not the API of Thaw."),
        (200, "<html>\n<h1>Log in</h1>", "What answers at {url} is not the API of Thaw."),
        (200, "", "What answers at {url} is not the API of Thaw."),
        (503, '{"detail":"The \\"database\\" is away."}', 'The \\"database\\" is away.'),
        (400, '{"at":["No instant."]}', '{"at":["No instant."]}'),
    ],
)
def test_a_script_says_in_one_line_that_it_cannot_tell(status, body, said):
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        done = run([str(RECIPES / "may-land"), "12"], THAW_URL=url)
    words = f"Cannot tell ({status}). {said.replace('{url}', url)}\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, words, "")


def github():
    recipe = yaml.safe_load((RECIPES / "github-actions.yml").read_text())
    step = recipe["jobs"]["freeze"]["steps"][0]
    assert step["env"] == {
        "THAW_URL": "${{ vars.THAW_URL }}",
        "REF": "${{ github.event.pull_request.html_url }}",
        "QUEUED": "${{ github.event.merge_group.head_ref }}",
        "REPOSITORY": "${{ github.server_url }}/${{ github.repository }}",
    }
    return step["run"]


def zuul():
    [play] = yaml.safe_load((RECIPES / "zuul.yaml").read_text())
    task = play["tasks"][0]
    assert task["environment"] == {"THAW_URL": "{{ thaw_url }}", "REF": "{{ zuul.change_url }}"}
    return task["ansible.builtin.shell"]


@pytest.mark.parametrize("recipe", [github, zuul])
def test_a_job_fails_where_the_change_may_not_land(site, recipe):
    url, let, kept = site
    script = recipe()
    assert run(["sh", "-e", "-c", script], THAW_URL=url, REF=let).returncode == 0
    refused = run(["sh", "-e", "-c", script], THAW_URL=url, REF=kept)
    assert (refused.returncode, '"code":"exception_missing"' in refused.stdout) == (1, True)
    assert run(["sh", "-e", "-c", script], THAW_URL="http://127.0.0.1:9", REF=let).returncode != 0


def test_a_job_of_a_merge_queue_asks_for_the_pull_request_that_its_branch_names(site):
    queued = "refs/heads/gh-readonly-queue/main/pr-{}-0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c"
    repository = {"REF": "", "REPOSITORY": "https://github.com/openstack/nova"}
    said = [
        run(
            ["sh", "-e", "-c", github()],
            THAW_URL=site[0],
            QUEUED=queued.format(number),
            **repository,
        )
        for number in (12, 13)
    ]
    assert [done.returncode for done in said] == [0, 1]
    assert '"code":"exception_missing"' in said[1].stdout


def test_a_job_of_gitlab_fails_where_the_change_may_not_land(site):
    url, _, _ = site
    MergeProposal.objects.filter(key="openstack/nova#12").update(
        forge="gitlab",
        key="debian/nova!12",
        url="https://gitlab.com/debian/nova/-/merge_requests/12",
    )
    MergeProposal.objects.filter(key="openstack/nova#13").update(
        forge="gitlab",
        key="debian/nova!13",
        url="https://gitlab.com/debian/nova/-/merge_requests/13",
    )
    [script] = yaml.safe_load((RECIPES / "gitlab-ci.yml").read_text())["freeze"]["script"]
    statuses = [
        run(
            ["sh", "-e", "-c", script],
            THAW_URL=url,
            CI_MERGE_REQUEST_PROJECT_URL="https://gitlab.com/debian/nova",
            CI_MERGE_REQUEST_IID=number,
        ).returncode
        for number in ("12", "13")
    ]
    assert statuses == [0, 1]


@pytest.fixture
def git(tmp_path, site):
    """`git(*arguments)` in a clone of a repository that the hook guards."""
    url, _, _ = site
    central, clone = tmp_path / "central.git", tmp_path / "clone"
    for name in ("GIT_AUTHOR", "GIT_COMMITTER"):
        os.environ.pop(f"{name}_NAME", None)
    run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(central)], cwd=tmp_path)
    run(["git", "-C", str(central), "config", "thaw.url", url], cwd=tmp_path)
    shutil.copy(RECIPES / "pre-receive", central / "hooks" / "pre-receive")
    run(["git", "clone", "--quiet", str(central), str(clone)], cwd=tmp_path)
    run(["git", "-C", str(clone), "checkout", "--quiet", "-b", "main"], cwd=tmp_path)

    def git(*arguments):
        who = ["-c", "user.name=Jun", "-c", "user.email=jun@example.org"]
        return run(["git", *who, *arguments], cwd=clone)

    return git


def test_a_push_is_refused_by_a_freeze_and_let_through_by_an_exception(site, git):
    _, let, kept = site

    def commit(message):
        assert git("commit", "--quiet", "--allow-empty", "-m", message).returncode == 0

    commit(f"Volumes\n\nProposal: {let}")
    assert git("push", "origin", "main").returncode == 0
    commit(f"More\n\nProposal: {kept}")
    refused = git("push", "origin", "main")
    assert refused.returncode == 1
    assert f"Refused: {kept}: " in refused.stderr
    assert git("push", "origin", "main:topic").returncode == 0  # not guarded
    git("reset", "--quiet", "--hard", "HEAD~1")
    commit("Nothing named")
    assert "has no “Proposal:” trailer" in git("push", "origin", "main").stderr


def test_a_push_is_refused_where_thaw_cannot_be_asked(site, git, tmp_path):
    _, let, _ = site
    git_dir = tmp_path / "central.git"
    run(["git", "config", "thaw.url", "http://127.0.0.1:9"], cwd=git_dir)
    git("commit", "--quiet", "--allow-empty", "-m", f"Volumes\n\nProposal: {let}")
    refused = git("push", "origin", "main")
    assert (refused.returncode, "cannot be asked" in refused.stderr) == (1, True)
    unknown = f"{'1' * 40} {'2' * 40} refs/heads/main\n"  # git itself cannot say what is new
    assert run([str(RECIPES / "pre-receive")], cwd=git_dir, given=unknown).returncode == 1


def test_events_of_gerrit_are_passed_on_signed(site, settings):
    url, _, _ = site
    settings.FORGE_SECRETS = ["review.opendev.org=secret"]
    proposal = make_proposal(forge="gerrit", key="review.opendev.org/803322", url="https://x/")
    event = (
        '{"type":"change-merged","eventCreatedOn":1301475600,"change":{"status":"MERGED",'
        '"subject":"Volumes","url":"https://review.opendev.org/c/openstack/nova/+/803322"}}\n'
    )
    hook = [str(RECIPES / "gerrit-hook")]
    wrong = run(hook, given=event, THAW_URL=url, THAW_SECRET="another")
    assert "It is not signed" in wrong.stdout
    away = run(hook, given=event * 2, THAW_URL="http://127.0.0.1:9", THAW_SECRET="secret")
    assert (away.returncode, away.stdout.count(" cannot be told (")) == (0, 2)
    assert run(hook, given=event).stderr == "Set THAW_URL and THAW_SECRET in the environment.\n"
    done = run(hook, given=event, THAW_URL=url, THAW_SECRET="secret")
    assert "is merged." in done.stdout
    proposal.refresh_from_db()
    assert proposal.merged_at == utc(2011, 3, 30, 9)
