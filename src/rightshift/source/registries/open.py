"""Opens an image that a registry serves: policy, mirrors and credentials from the options, layers as streams."""

import os
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address

from rightshift.egress import proxies
from rightshift.egress.client import Client, Settings
from rightshift.egress.policy import Policy
from rightshift.errors import EgressError, RightshiftError, SourceError
from rightshift.source import manifest, oci_layout, platforms
from rightshift.source.manifest import Descriptor
from rightshift.source.options import Options
from rightshift.source.reference import ImageName
from rightshift.source.registries import credentials, mirrors
from rightshift.source.registries.client import Repository
from rightshift.source.registries.connections import Connections
from rightshift.source.registries.mirrors import Endpoint
from rightshift.tree.material import ImageMaterial


def open_image(image: ImageName, name: str, options: Options) -> ImageMaterial:
    """
    An image from the first place that has it: mirrors of this machine's registries.conf, then its registry.

    Raises:
        SourceError: no place has it or lets it be read, or it is not what its digests say.
        EgressError: no place may or can be reached.
    """
    shared = options.connections
    if shared is not None:
        return _somewhere(shared, image, name, options, close=lambda: None)
    own = Connections()
    try:
        return _somewhere(own, image, name, options, close=own.close)
    except BaseException:
        own.close()
        raise


def _somewhere(
    connections: Connections, image: ImageName, name: str, options: Options, *, close: Callable[[], None]
) -> ImageMaterial:
    paths = mirrors.files(os.environ) if options.registries_conf is None else options.registries_conf
    places = mirrors.endpoints(image, connections.registries(paths))
    trusted = tuple(place for place in places if place.host != image.host) if options.public_only else places
    settings = Settings(
        policy=policy(trusted, options),
        certificates=options.certificates,
        proxies=proxies.from_environment(os.environ) if options.proxies is None else options.proxies,
    )
    client = connections.client(settings)
    failed: RightshiftError | None = None
    for place in places:
        try:
            found = _open(client, connections.schemes, place, image, name, options)
            return replace(found, close=close)
        except (SourceError, EgressError) as error:
            failed = error
    assert failed is not None
    raise failed


def policy(places: tuple[Endpoint, ...], options: Options) -> Policy:
    """
    What may be reached for an image: its own registry wherever the user put it, others at public addresses only.

    Without TLS may be asked what the options name, what registries.conf says so of, and registries on this machine.
    """
    plain = {place.host for place in places if place.insecure or is_loopback(bare(place.host))}
    return Policy(
        hosts=frozenset(bare(host) for host in (*(place.host for place in places), *options.hosts, *options.realms)),
        networks=options.networks,
        plain_http=frozenset({host.lower() for host in (*options.plain_http, *plain)}),
    )


def bare(host: str) -> str:
    """A host without its port and brackets, lower case."""
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).strip("[]").lower().rstrip(".")


def is_loopback(host: str) -> bool:
    """Whether a name plainly says this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _open(
    client: Client, schemes: dict[str, str], place: Endpoint, image: ImageName, name: str, options: Options
) -> ImageMaterial:
    rules = policy((place,), options)
    port = place.host.rpartition(":")[2]
    may_be_plain = rules.may_be_plain(bare(place.host), int(port) if port.isdigit() else 80)
    find = options.credentials or (lambda host, repository: credentials.lookup(host, repository, os.environ))
    repository = Repository(
        client,
        place.host,
        place.repository,
        credential=find(place.host, place.repository),
        realms=options.realms,
        schemes=schemes if may_be_plain else None,
    )
    wanted = platforms.parse(options.platform) if options.platform else None
    top = repository.top(image.reference)

    def fetch(descriptor: Descriptor, kind: str) -> bytes:
        return top.content if descriptor is top.descriptor else repository.document(descriptor, kind)

    found = manifest.resolve(top.descriptor, fetch, wanted)
    subject = oci_layout.subject(found, name, tags=(str(image),) if image.tag else ())
    layers = tuple(repository.blob(part) for part in found.parts)
    return ImageMaterial(subject=subject, layers=layers, gaps=found.gaps)
