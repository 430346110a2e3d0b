"""
What may be asked for to be scanned, and by whom. Opening it: `rightshift.source`.

Names of images are for whoever may run scans; they lead to public registries and to the image stores of the console's
machine. All else reads files of that machine, so it needs its own permission (`sources:local`, administrators), and a
scope of everything; the same goes for registries in private networks. Whatever is written is never looked up on the
disk to find out what it is: a kind in front says that, and without one it is the name of an image.
"""

from typing import TYPE_CHECKING

from rightshift.errors import UsageError

if TYPE_CHECKING:
    from rightshift.source.reference import Reference

REFERENCE_CHARS = 1_000
_IMAGES = frozenset({"image", "registry", "docker", "podman", "containerd"})


def kind(text: str) -> str:
    """
    What a reference is, without a look at the disk: one of `source.kind`.

    Raises: UsageError.
    """
    from rightshift.source.reference import PREFIXES, image_name

    if not text.isprintable() or text != text.strip() or len(text) > REFERENCE_CHARS:
        raise UsageError("A reference is one line of at most 1,000 characters")
    prefix, colon, rest = text.partition(":")
    found = PREFIXES.get(prefix) if colon else None
    if found is None:
        image_name(text)
        return "image"
    if found in _IMAGES:
        if found == "registry" or not rest:
            image_name(rest.removeprefix("//"))
        return found
    if not (rest.startswith("/") or (found == "host" and not rest)):
        raise UsageError("A path on the console's machine begins with /", do=f"Write {prefix}:/PATH")
    return found


def is_local(kind: str) -> bool:
    """Whether it reads files of the console's machine."""
    return kind not in _IMAGES


def reference(text: str) -> "Reference":
    """What to open. Raises: UsageError; SourceError where there is no such file."""
    from rightshift.source.reference import Reference, image_name, parse

    if kind(text) == "image":
        return Reference(kind="image", text=text, image=image_name(text))
    return parse(text)
