"""What is left of things that are gone, and what a copy of everything gives away."""

import zipfile
from pathlib import Path

import pytest

from rightshift.console.postgres import archive, dump
from tests.console.api.operations import operations
from tests.console.api.stage import Asked, Stage
from tests.console.api.test_other_teams import READ, whole
from tests.console.api.things import NOW, OURS, PASSWORD, TOTP

together = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.check("D17")
@together
async def test_of_what_was_forgotten_nothing_is_left_to_be_seen(stage: Stage) -> None:
    """Neither in lists, searches and files nor in the graph, by itself or by what it was related to."""
    held, other = stage.things.holding(OURS), stage.things.holding(OURS)
    for ends in ((held, other), (other, held)):
        stage.things.ask("relation", **{"from": ends[0].numbers["asset"], "to": ends[1].numbers["asset"]})
    stage.things.ask(
        "events", asset=held.numbers["asset"], name=held.key, version=held.numbers["version"],
        advisory=held.numbers["advisory"],
    )  # fmt: skip
    caller = stage.caller("admin", READ[0])
    names = {"asset": held.asset, "advisory": held.advisory, "digest": held.digest, "finding": held.finding}
    about = [one for one in READ if set(one.parameters) <= names.keys()]
    urls = [next(whole(one)).format(**names) for one in about]
    urls += [f"{one.path}?text={held.key}" for one in about if "text" in one.query()]
    shown = {url for url in urls if held.key in (await stage.send(Asked("GET", url), caller)).text}
    assert {url.partition("?")[0] for url in shown} >= {"/api/v1/assets", "/api/v1/findings", "/api/v1/packages"}
    stage.things.forget(held)
    left = {url: (await stage.send(Asked("GET", url), caller)) for url in urls}
    still = {url.partition("?")[0] for url, answer in left.items() if held.key in answer.text and held.key not in url}
    kept = {f"/api/v1/inventories/{held.digest}/packages": "what it held", "/api/v1/events": "that a match was new"}
    assert still <= kept.keys(), "until their time is over: test_retain.py"
    for url in urls:
        if str(held.asset) in url or str(held.finding) in url:
            assert left[url].status == 404, url


@pytest.mark.check("O04")
@together
async def test_a_backup_holds_no_secret(stage: Stage, tmp_path: Path) -> None:
    person = stage.things.person("admin", None)
    secrets = {
        "password": PASSWORD,
        "second factor": TOTP,
        "session": stage.things.session(person),
        "link": stage.things.link(person),
        "token": stage.things.token("service", ["assets:read"])[1],
    }
    (adding,) = (one for one in operations() if str(one) == "POST /api/v1/identity-providers")
    provider = await stage.right(adding, None)
    secrets["client secret"] = provider.body["client_secret"]
    assert (await stage.send(provider, stage.caller("admin", READ[0]))).status == 201
    dump.backup(stage.url, tmp_path / "backup.zip", now=NOW)
    with zipfile.ZipFile(tmp_path / "backup.zip") as file:
        rows = archive.read_manifest(file).tables
        content = b"".join(piece for number, one in enumerate(rows) for piece in archive.read_rows(file, number, one))
    assert person.name.encode() in content
    for name, secret in secrets.items():
        assert secret.encode() not in content, name
        assert secret.encode().hex().encode() not in content, name
    for key in stage.settings.vault.read_bytes().split():
        assert len(key) < 32 or key not in content
