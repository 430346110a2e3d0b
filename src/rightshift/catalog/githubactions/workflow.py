"""`.github/workflows/*.yml`, `action.yml`: the actions that a repository's workflows and own actions use."""

import re
from collections.abc import Iterator

from rightshift.catalog.format import Format
from rightshift.catalog.text import decoded, yaml_documents
from rightshift.errors import Malformed
from rightshift.model.package import Evidence, Package

_USES = re.compile(r"([\w.-]{1,100}/[\w.-]{1,200})(?:/[^@\s]{0,400})?@([^\s@]{1,200})\Z")
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_NOTED = re.compile(r"@([0-9a-f]{40})[\"']?[ \t]{1,40}#[ \t]{0,40}(?:tag=)?(v?\d[\w.+-]{0,60})")


class MalformedWorkflow(Malformed):
    """YAML that is no workflow."""


def read(content: bytes) -> Iterator[Package]:
    """
    The actions and reusable workflows that are used, each version once, by owner and repository. They run while the
    product is built and are marked `dev`. Local ones and container images are left out.

    A version is a tag or branch; where it is a commit and a comment beside it names the tag, as update bots write it,
    the tag is taken, and the evidence is the file's say-so.

    Raises: MalformedWorkflow.
    Source: GitHub Docs, "Workflow syntax for GitHub Actions", "Metadata syntax for GitHub Actions".
    """
    match yaml_documents(content):
        case [] | [None]:
            return
        case [dict(document), *_]:
            noted = dict(_NOTED.findall(decoded(content)))
            yield from dict.fromkeys(package for uses in _uses(document) if (package := _package(uses, noted)))
        case _:
            raise MalformedWorkflow("not a mapping")


def _uses(document: dict[object, object]) -> Iterator[str]:
    """What stands behind each `uses`, of jobs and of steps."""
    jobs = document.get("jobs")
    blocks: list[object] = list(jobs.values()) if isinstance(jobs, dict) else []
    blocks.append(document.get("runs"))
    for block in blocks:
        match block:
            case {"uses": str(uses)}:
                yield uses
            case {"steps": list(steps)}:
                named = (step.get("uses") for step in steps if isinstance(step, dict))
                yield from (uses for uses in named if isinstance(uses, str))


def _package(uses: str, noted: dict[str, str]) -> Package | None:
    found = _USES.match(uses.strip())
    if not found or uses.startswith((".", "docker:")):
        return None
    name, version = found[1], found[2]
    evidence: Evidence = ""
    if _COMMIT.match(version) and version in noted:
        version, evidence = noted[version], "manifest"
    return Package(ecosystem="githubactions", name=name, version=version, state="locked", evidence=evidence, dev=True)


FORMAT = Format(
    name="github-workflow",
    ecosystem="githubactions",
    title="GitHub Actions: .github/workflows/*.yml, action.yml",
    patterns=(
        ".github/workflows/*.yml",
        ".github/workflows/*.yaml",
        ".github/actions/*/action.yml",
        ".github/actions/*/action.yaml",
    ),
    limit_bytes=2 << 20,
    read=read,
)
