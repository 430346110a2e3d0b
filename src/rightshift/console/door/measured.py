"""What this process counts of itself, for Prometheus: answers by route and status, and how long they took."""

from dataclasses import dataclass, field

from litestar.types import Scope
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

BUCKETS_S = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=True)
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


@dataclass(frozen=True, slots=True)
class Measured:
    """One registry a process; routes by their template, so that ids make no series."""

    registry: CollectorRegistry = field(default_factory=_registry)
    answers: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    streams: Gauge = field(init=False)

    def __post_init__(self) -> None:
        names = ("method", "route", "status")
        answers = Counter("rightshift_http_answers", "Answers of the API", names, registry=self.registry)
        seconds = Histogram(
            "rightshift_http_seconds",
            "Until the answer began",
            ("method", "route"),
            buckets=BUCKETS_S,
            registry=self.registry,
        )
        streams = Gauge("rightshift_event_streams", "Open event streams", registry=self.registry)
        object.__setattr__(self, "answers", answers)
        object.__setattr__(self, "seconds", seconds)
        object.__setattr__(self, "streams", streams)

    def answered(self, scope: Scope, status: int, took_s: float) -> None:
        """Counts one answer."""
        route = str(scope.get("path_template") or "none")
        method = scope.get("method", "")
        method = method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "other"
        self.answers.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(took_s)

    def text(self) -> bytes:
        """All series in Prometheus' text format."""
        return generate_latest(self.registry)
