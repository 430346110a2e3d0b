"""Which matches a product's own people have ruled out. Ruled out by the user: `assess/ignore.py`."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rightshift.assess import purls
from rightshift.assess.purls import Purl
from rightshift.assess.vex.statement import Product, Statement
from rightshift.model.advisory import Match
from rightshift.model.inventory import Subject


@dataclass(frozen=True, slots=True)
class RuledOut:
    """A match that a statement says does not hold, and the statement in one line."""

    match: Match
    reason: str
    statement: Statement


def apply(
    matches: Iterable[Match], statements: Sequence[Statement], subject: Subject | None = None
) -> tuple[tuple[Match, ...], tuple[RuledOut, ...]]:
    """
    The matches that stay and those that are ruled out, both in their order.

    Of the statements that mean a match the latest holds, of equally late ones the last: `not_affected` and `fixed`
    rule it out, `affected` and `under_investigation` do not. A statement means a match when it names the advisory by
    any id of its group, and a product that is the package itself or, given its digest or name, the subject.

    Source: OpenVEX Specification 0.2.0, "Updating Statements with Inheritance" and "Product identifiers".
    """
    by_id: dict[str, list[int]] = defaultdict(list)
    for at, statement in enumerate(statements):
        for name in statement.vulnerabilities:
            by_id[name].append(at)
    known = _known_as(subject)
    kept: list[Match] = []
    out: list[RuledOut] = []
    for match in matches:
        names = {name.upper() for name in (match.id, *match.aliases, *match.records)}
        meant = {at for name in names for at in by_id.get(name, ())}
        speaking = [at for at in meant if _means(statements[at], match, known)]
        last = max(speaking, key=lambda at: (statements[at].said_at, at), default=None)
        if last is None or statements[last].status not in ("not_affected", "fixed"):
            kept.append(match)
        else:
            out.append(RuledOut(match, reason(statements[last]), statements[last]))
    return tuple(kept), tuple(out)


def reason(statement: Statement) -> str:
    """What the statement says, who and where, in one line."""
    said = [statement.status.replace("_", " ")]
    said += [text for text in (statement.justification.replace("_", " "), statement.explanation) if text]
    source = " in ".join(filter(None, (statement.author, statement.document)))
    return " ".join(": ".join(said).split()) + (f" ({' '.join(source.split())})" if source else "")


@dataclass(frozen=True, slots=True)
class _KnownAs:
    """What a subject may be called: digests and names as they stand, repositories without tag and digest."""

    names: frozenset[str]
    repositories: frozenset[str]


def _known_as(subject: Subject | None) -> _KnownAs:
    if subject is None:
        return _KnownAs(frozenset(), frozenset())
    names = [subject.id, *subject.aliases, *subject.tags, subject.name]
    digests = [name.partition("@")[2] for name in names]
    repositories = [_repository(name) for name in (*subject.tags, subject.name)] if subject.kind == "image" else []
    return _KnownAs(frozenset(filter(None, names + digests)), frozenset(filter(None, repositories)))


def _repository(name: str) -> str:
    """The repository of an image's name: without digest and tag, a host's port kept."""
    path = name.partition("@")[0]
    head, slash, last = path.rpartition("/")
    return head + slash + last.partition(":")[0]


def _means(statement: Statement, match: Match, known: _KnownAs) -> bool:
    package = purls.parse(match.package.purl)
    return package is not None and any(_product_means(product, package, known) for product in statement.products)


def _product_means(product: Product, package: Purl, known: _KnownAs) -> bool:
    if any(_is_subject(text, known) for text in product.ids):
        return not product.parts or any(_is_package(text, package) for part in product.parts for text in part)
    return not product.parts and any(_is_package(text, package) for text in product.ids)


def _is_package(text: str, package: Purl) -> bool:
    wanted = purls.parse(text)
    return wanted is not None and wanted.covers(package)


def _is_subject(text: str, known: _KnownAs) -> bool:
    if text in known.names:
        return True
    wanted = purls.parse(text)
    if wanted is None or wanted.type not in ("oci", "docker"):
        return False
    if wanted.version.startswith("sha256:"):
        return wanted.version in known.names
    repository = wanted.qualifiers.get("repository_url", wanted.name).removeprefix("https://")
    tag = wanted.qualifiers.get("tag") or wanted.version
    if tag:
        return any(f"{name}:{tag}" in known.names for name in known.repositories if _same_repository(repository, name))
    return any(_same_repository(repository, name) for name in known.repositories)


def _same_repository(wanted: str, name: str) -> bool:
    """Equal, or equal from the last path on where the statement leaves the registry out."""
    return name == wanted or ("/" not in wanted and name.rpartition("/")[2] == wanted)
