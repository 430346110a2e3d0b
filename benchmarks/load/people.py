"""People who look at the console meanwhile: pages of each list, facets, the map, the status; now and then all rows."""

import asyncio
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from benchmarks.load.wire import Lost, Wire

PAUSE_S = (1.0, 3.0)
"""Between two looks of one person."""
EXPORT_S = 60.0
_LISTS = {"findings": "findings?limit=50", "assets": "assets?limit=100", "packages": "packages?limit=100"}
_OTHERS = {"facets": "findings/counts", "topology": "topology", "status": "status"}


@dataclass(slots=True)
class Looked:
    """(when, how long) of each kind of look; `failed` are answers other than 200 and lost connections."""

    took_s: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Person:
    """One who is signed in, with a connection of their own. `exports`: whether they take all rows each minute."""

    wire: Wire
    looked: Looked
    chance: random.Random
    exports: bool = False

    async def work(self, until: float) -> None:
        """Looks at one thing after the other."""
        looks, export = self._looks(), time.monotonic() + EXPORT_S / 2
        await asyncio.sleep(self.chance.uniform(0, PAUSE_S[1]))
        after = ""
        for kind, path, pages in looks:
            for _ in range(pages):
                if time.monotonic() >= until:
                    return
                after = await self._look(kind, path + (f"&after={after}" if after else ""))
                await asyncio.sleep(self.chance.uniform(*PAUSE_S))
                if not after:
                    break
            after = ""
            if self.exports and time.monotonic() >= export:
                export += EXPORT_S
                await self._look("export", "findings?format=csv")

    def _looks(self) -> Iterator[tuple[str, str, int]]:
        """Kind, address, and how many pages of it."""
        while True:
            for kind in self.chance.sample(sorted({**_LISTS, **_OTHERS}), k=len(_LISTS) + len(_OTHERS)):
                yield kind, {**_LISTS, **_OTHERS}[kind], self.chance.choice((1, 1, 2, 3)) if kind in _LISTS else 1

    async def _look(self, kind: str, path: str) -> str:
        """The cursor of the next page, empty where there is none."""
        began = time.monotonic()
        try:
            answer = await self.wire.ask("GET", path)
        except (Lost, OSError, TimeoutError) as error:
            self.looked.failed.append(f"{kind}: {type(error).__name__}")
            self.wire.close()
            return ""
        now = time.monotonic()
        if answer.status != 200:
            self.looked.failed.append(f"{kind}: {answer.status}")
            return ""
        self.looked.took_s.setdefault(kind, []).append((now, now - began))
        return str(json.loads(answer.body).get("next") or "") if kind in _LISTS else ""
