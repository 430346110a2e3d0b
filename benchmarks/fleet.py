"""Sixty images that share bases, in a registry on loopback: images a minute beside trivy, first and again."""

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from benchmarks import inputs, measure

RUNTIMES = ("node", "java", "python", "plain")
APPLICATIONS = 15


def _layers(at: Path) -> None:
    """An OCI layout with one base, a layer for each runtime, and a layer for each of its applications."""
    packages = sorted(
        path for path in (inputs.node_modules() / "node_modules").iterdir() if not path.name.startswith(".")
    )
    jars = sorted(inputs.jars().glob("*.jar"))
    modules = sorted((inputs.debian() / "usr/lib/python3/dist-packages").iterdir())
    sources = {"node": packages, "java": jars, "python": modules, "plain": packages}
    targets = {"node": "node_modules", "java": "lib", "python": "site-packages", "plain": "node_modules"}
    for runtime in RUNTIMES:
        many = sources[runtime]
        _copy(many[: len(many) // 4], at / "parts" / runtime / targets[runtime])
        for number in range(APPLICATIONS):
            few = [many[(number * 37 + step * 11) % len(many)] for step in range(12)]
            _copy(few, at / "parts" / f"{runtime}-{number}" / targets[runtime])
    inputs.run("umoci init --layout oci && umoci new --image oci:base", at)
    inputs.run(f"umoci insert --rootless --image oci:base {inputs.debian()} /", at)
    for runtime in RUNTIMES:
        inputs.run(f"umoci tag --image oci:base {runtime}", at)
        inputs.run(f"umoci insert --rootless --image oci:{runtime} {at}/parts/{runtime} /opt/{runtime}", at)
        for number in range(APPLICATIONS):
            name = f"{runtime}-{number}"
            inputs.run(f"umoci tag --image oci:{runtime} {name}", at)
            inputs.run(f"umoci insert --rootless --image oci:{name} {at}/parts/{name} /srv/app", at)
    shutil.rmtree(at / "parts")


def _copy(sources: list[Path], target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for source in sources:
        if source.is_dir():
            shutil.copytree(source, target / source.name, symlinks=True, dirs_exist_ok=True)
        else:
            shutil.copy2(source, target / source.name)


def names() -> list[str]:
    """The images without their registry."""
    return [f"fleet/{runtime}:{number}" for runtime in RUNTIMES for number in range(APPLICATIONS)]


@contextlib.contextmanager
def registry(storage: Path) -> Iterator[str]:
    """A registry on a free port of loopback, as long as it is needed: host and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    config = storage / "config.yml"
    config.write_text(
        f"version: 0.1\nlog: {{accesslog: {{disabled: true}}, level: error}}\n"
        f"storage: {{filesystem: {{rootdirectory: {storage}/data}}}}\nhttp: {{addr: {host}}}\n"
    )
    program = shutil.which("docker-registry") or "docker-registry"
    server = subprocess.Popen([program, "serve", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{host}/v2/", timeout=1):
                break
            time.sleep(0.1)
        yield host
    finally:
        server.terminate()
        server.wait()


def _storage() -> Path:
    def make(at: Path) -> None:
        layouts = inputs.made("fleet-layout", _layers)
        with registry(at) as host:
            for name in names():
                tag = name.removeprefix("fleet/").replace(":", "-")
                copy = f"skopeo --insecure-policy copy -q --dest-tls-verify=false oci:oci:{tag} docker://{host}/{name}"
                inputs.run(copy, layouts)

    return inputs.made("fleet", make)


def main() -> int:
    """Prints images a minute of each tool, cold and again."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description=__doc__)
    parser.add_argument("--without-trivy", action="store_true")
    given = parser.parse_args()
    storage = _storage()
    environment = {**os.environ, "NO_COLOR": "1"}
    with registry(storage) as host, tempfile.TemporaryDirectory(prefix="rightshift-bench-") as folder:
        images = [f"{host}/{name}" for name in names()]
        scratch = Path(folder)
        environment["RIGHTSHIFT_HOME"] = str(scratch / "home")
        command = [str(inputs.RIGHTSHIFT), "scan", *images, "--no-match", "--json", "-q", "--insecure-registry", host]
        print("| tool | run | wall s | CPU s | peak MiB | images a minute | packages |")
        print("|---|---|---|---|---|---|---|")
        peaks = {}
        for name in ("first", "again"):
            peaks[name] = measure.run(command, scratch / "watched.json", environment, watched=True).peak_mib
        shutil.rmtree(scratch / "home")
        for name in ("first", "again"):
            done = measure.run(command, scratch / f"{name}.json", environment)
            counts = [len(json.loads(line)["packages"]) for line in done.output.open()]
            _row("rightshift", name, done.wall_s, done.cpu_s, peaks[name], len(counts), sum(counts))
        if not given.without_trivy:
            _trivy(images, scratch, environment)
    return 0


def _trivy(images: list[str], scratch: Path, environment: dict[str, str]) -> None:
    program = inputs.trivy()
    if not program:
        sys.exit("trivy is not here: make bench installs it")
    options, cache = inputs.TRIVY_OPTIONS, inputs.trivy_cache(scratch / "trivy")

    def scanned(image: str, *, watched: bool) -> measure.Run:
        command = [str(program), "image", "--insecure", "--cache-dir", str(cache), *options, image]
        return measure.run(command, scratch / "trivy.json", environment, watched=watched)

    peaks = {name: max(scanned(image, watched=True).peak_mib for image in images[:5]) for name in ("first", "again")}
    shutil.rmtree(cache / "fanal")
    for name in ("first", "again"):
        wall = cpu = 0.0
        packages = 0
        for image in images:
            done = scanned(image, watched=False)
            wall, cpu = wall + done.wall_s, cpu + done.cpu_s
            packages += len(json.loads(done.output.read_bytes() or b"{}").get("components") or ())
        _row("trivy", name, wall, cpu, peaks[name], len(images), packages)


def _row(tool: str, run: str, wall: float, cpu: float, peak: float, images: int, packages: int) -> None:
    rate = images / wall * 60
    print(f"| {tool} | {run} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {rate:.0f} | {packages} |", flush=True)


if __name__ == "__main__":
    sys.exit(main())
