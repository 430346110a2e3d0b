"""Opens what a person named, whatever it is. Imports only the module that it needs."""

from rightshift.errors import SourceError
from rightshift.source import reference
from rightshift.source.options import Options
from rightshift.source.platforms import Platform
from rightshift.source.reference import Reference
from rightshift.tree.material import ImageMaterial, Material, TreeMaterial

_OPTIONS = Options()


def open_source(text: str, options: Options = _OPTIONS) -> Material:
    """
    The material behind a name; whoever gets it calls `close`.

    Raises:
        UsageError: the text names nothing that could be opened.
        SourceError: it is not there, may not be read, or is not what it says.
        EgressError: its registry may not or could not be reached.
    """
    return open_reference(reference.parse(text), options)


def open_reference(asked: Reference, options: Options = _OPTIONS) -> Material:
    """
    As `open_source`, for a name that was read.

    Raises:
        UsageError, SourceError, EgressError: as `open_source`.
    """
    match asked.kind:
        case "directory" | "host":
            from rightshift.source import directory

            opened = directory.open_host if asked.kind == "host" else directory.open_directory
            return opened(asked.path, asked.text, options.skip)
        case "file" | "tar" | "zip" | "sbom":
            from rightshift.source import documents

            return documents.open_document(asked.path, asked.text, "sbom" if asked.kind == "sbom" else "file")
        case "oci-layout":
            from rightshift.source import oci_layout

            return oci_layout.open_layout(asked.path, asked.text, asked.entry, _platform(options))
        case "oci-archive" | "docker-archive":
            from rightshift.source import archive

            opener = archive.open_oci if asked.kind == "oci-archive" else archive.open_docker
            return opener(asked.path, asked.text, asked.entry, _platform(options))
        case "docker" | "podman" | "containerd":
            found = _in_store(asked, options)
            if found is None:
                raise SourceError(f"{asked.text}: {asked.kind} has no such image or container here")
            return found
        case "registry" | "image":
            return _image(asked, options)


def _image(asked: Reference, options: Options) -> Material:
    from rightshift.errors import RightshiftError
    from rightshift.source.registries import open as registries

    assert asked.image is not None
    unread = []
    if asked.kind == "image":
        for kind in ("docker", "podman", "containerd"):
            try:
                found = _in_store(Reference(kind=kind, text=asked.text, image=asked.image), options)
            except SourceError as error:
                unread.append(f"{kind}: {error.what}")
                continue
            if found is not None:
                return found
    try:
        return registries.open_image(asked.image, asked.text, options)
    except RightshiftError as error:
        if unread and isinstance(error, SourceError):
            means = ". ".join(filter(None, (error.means, "Local stores could not be read: " + "; ".join(unread))))
            raise SourceError(error.what, means=means, do=error.do) from error
        raise


def _in_store(asked: Reference, options: Options) -> ImageMaterial | TreeMaterial | None:
    wanted = _platform(options)
    match asked.kind:
        case "docker":
            from rightshift.source.daemons import docker

            return docker.find(asked, options.stores.docker, options.stores.containerd, wanted)
        case "podman":
            from rightshift.source.daemons import podman

            return podman.find(asked, options.stores.podman)
        case "containerd":
            from rightshift.source.daemons import containerd

            return containerd.find(asked, options.stores.containerd, wanted)
    return None


def _platform(options: Options) -> Platform | None:
    from rightshift.source import platforms

    return platforms.parse(options.platform) if options.platform else None
