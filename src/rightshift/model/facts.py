"""The facts that a score is the sum of. Names and meanings as in the published examples; `None` is unknown."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryFacts:
    """
    What is known of an advisory (a group of aliases) for one package; the same on every asset.

    `history_known` counts the other CVEs known of the package, `history_exploited` those of them in KEV. `severity` is
    a word, used only without a vector. `fix_age_days` is missing when there is no fix.
    """

    vector: str | None = None
    severity: str | None = None
    cwe: tuple[int, ...] = ()
    epss: float | None = None
    kev: bool = False
    ransomware: bool = False
    exploit: Literal["weaponised", "poc"] | None = None
    server_app: bool = False
    history_known: int = 0
    history_exploited: int = 0
    malicious: bool = False
    client_only: bool = False
    host_code: bool = False
    fix_age_days: int | None = None
