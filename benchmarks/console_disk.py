"""
What a console keeps on disk for images that were scanned: the second hundred, when what all share is there already.

    python -m benchmarks.console_disk [--images N] [--json]

Images are as registries have them: six bases, popular packages that many share, a few of their own, 15 % of the names
with advisories. The size is that of the whole database after VACUUM FULL, so without room that is kept for changes.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import urllib3

from benchmarks.load import stored
from benchmarks.load.processes import console
from benchmarks.load.scans import Images, records
from tests.console.derive.world import grown

DERIVED_S = 600.0


def run(images: int) -> dict[str, float]:
    """Sizes in kB of an empty database, and for each image of the first so many, and of as many more."""
    made = Images(repeated=0)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder, "home")
        home.mkdir()
        grown(home / "feed", records())
        with console(home) as running:
            headers = running.signed_in()
            sizes = [_size(running.database)]
            for _ in range(2):
                for _ in range(images):
                    answer = urllib3.request(
                        "POST", f"{running.url}/api/v1/ingest/scans", body=made.document()[1], headers=headers
                    )
                    if answer.status != 201:
                        sys.exit(f"a scan was refused: {answer.status} {answer.data!r}")
                _derived(running.database)
                sizes.append(_size(running.database))
            with psycopg.connect(running.database) as connection:
                row = connection.execute(
                    "SELECT (SELECT avg(packages) FROM inventory)::float, (SELECT count(*) FROM match)"
                ).fetchone()
    assert row
    empty, some, more = sizes
    return {
        "images": 2 * images,
        "packages_an_image": round(row[0]),
        "matches": row[1],
        "empty_kb": round(empty / 1e3),
        "first_kb_an_image": round((some - empty) / images / 1e3, 1),
        "further_kb_an_image": round((more - some) / images / 1e3, 1),
    }


def _derived(database: str) -> None:
    end = time.monotonic() + DERIVED_S
    while stored.waiting(database):
        if time.monotonic() > end:
            sys.exit("what was sent is not worked in after ten minutes")
        time.sleep(0.5)


def _size(database: str) -> int:
    """In bytes."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("VACUUM FULL")
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row
    return int(row[0])


def main() -> None:
    """Prints them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.console_disk", description=__doc__.partition("\n\n")[0])
    parser.add_argument("--images", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = run(asked.images)
    print(
        json.dumps(found, indent=2)
        if asked.json
        else "\n".join(f"{name:<22}{value:>10,}" for name, value in found.items())
    )


if __name__ == "__main__":
    main()
