"""Names inside an archive as paths below its root. Where links lead: `whiteouts.py`."""


def is_normal(name: str) -> bool:
    """Whether a name is a path below the root as it is; the empty one too."""
    return "/." not in name and "//" not in name and name[:1] not in ("/", ".") and name[-1:] != "/"


def below_root(name: str) -> str | None:
    """
    A name without leading slashes, "." and "..", parts joined by "/"; None when it climbs above the root.

    Empty for the root itself.
    """
    if is_normal(name):
        return name
    parts: list[str] = []
    for part in name.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
