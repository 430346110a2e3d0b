"""The synthetic sensor says what a real one would: in order, the same for the same seed, and true to itself."""

from itertools import islice

from rightshift.documents import facts
from rightshift.documents.seen import Listener
from tests.console.facts_client import SyntheticSensor, stream


class Console:
    """What a reader knows who does what the document's description says, and no more."""

    def __init__(self) -> None:
        self.assets: set[str] = set()
        self.listeners: dict[tuple[object, ...], Listener] = {}
        self.sequence = 0
        self.gaps = 0

    def take(self, content: bytes) -> None:
        document = facts.decode(content)
        self.gaps += document.kind == "delta" and document.sequence != self.sequence + 1
        self.sequence = document.sequence
        if document.kind == "full":
            self.assets, self.listeners = set(), {}
        self.assets |= {one.id for one in document.assets if one.kind in ("host", "container", "process")}
        for one in document.listeners:
            self.listeners.pop(one.identity, None)
            if not one.ended_ms:
                self.listeners[one.identity] = one
        self.assets -= {one.asset for one in document.ends}


def test_a_console_that_has_all_documents_knows_what_is_there() -> None:
    sensor, console = SyntheticSensor(5, containers=4), Console()
    for _ in range(60):
        console.take(sensor.document())
        assert console.assets == sensor.reported()
        assert console.listeners.keys() == sensor.listening()
    assert not console.gaps


def test_after_a_gap_a_full_document_puts_everything_right() -> None:
    sensor, console = SyntheticSensor(6, containers=4), Console()
    console.take(sensor.document())
    for _ in range(20):
        sensor.lose()
    console.take(sensor.document())
    assert console.gaps == 1
    assert console.assets != sensor.reported()
    console.take(sensor.document("full"))
    assert console.assets == sensor.reported()


def test_the_same_seed_says_the_same_and_another_something_else() -> None:
    def first(number: int, seed: int) -> list[bytes]:
        return list(islice(stream(number, seed=seed, full_every=3), 5))

    assert first(1, 1) == first(1, 1)
    assert first(1, 1) != first(1, 2)
    assert len({first(number, 1)[0] for number in range(5)}) == 5
    assert [facts.decode(one).kind for one in first(1, 1)] == ["full", "delta", "delta", "full", "delta"]


def test_a_restart_begins_a_new_epoch_with_a_full_document() -> None:
    sensor = SyntheticSensor()
    before = facts.decode(sensor.document())
    sensor.restart()
    after = facts.decode(sensor.document())
    assert (after.sequence, after.kind, after.reporter) == (1, "full", before.reporter)
    assert after.epoch != before.epoch
    assert after.from_ms == before.to_ms
