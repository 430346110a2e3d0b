"""Facts of advisories, drawn: as many combinations as the real ones have, and those that they never had."""

from hypothesis import strategies as st

from rightshift.model.facts import AdvisoryFacts

FULL = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"


def _vector(prefix: str, **values: str) -> st.SearchStrategy[str]:
    drawn = [st.sampled_from([f"{name}:{value}" for value in allowed]) for name, allowed in values.items()]
    return st.tuples(*drawn).map(lambda parts: prefix + "/".join(parts))


vectors = (
    _vector("CVSS:3.1/", AV="NALP", AC="LH", PR="NLH", UI="NR", S="UC", C="HLN", I="HLN", A="HLN")
    | _vector(
        "CVSS:4.0/",
        AV="NALP",
        AC="LH",
        AT="NP",
        PR="NLH",
        UI="NPA",
        **dict.fromkeys(("VC", "VI", "VA", "SC", "SI", "SA"), "HLN"),
    )
    | _vector("", AV="NAL", AC="LMH", Au="NSM", C="CPN", I="CPN", A="CPN")
    | st.sampled_from(["", "nonsense", "CVSS:3.1/AV:N"])
)

advisory_facts = st.builds(
    AdvisoryFacts,
    vector=st.none() | vectors,
    severity=st.none() | st.sampled_from(["critical", "high", "moderate", "low", "odd"]),
    cwe=st.lists(st.sampled_from([20, 22, 78, 79, 94, 502, 787]), max_size=3).map(tuple),
    epss=st.none() | st.floats(0, 1),
    kev=st.booleans(),
    ransomware=st.booleans(),
    exploit=st.sampled_from([None, "poc", "weaponised"]),
    server_app=st.booleans(),
    history_known=st.integers(0, 300),
    history_exploited=st.integers(0, 20),
    malicious=st.booleans(),
    client_only=st.booleans(),
    host_code=st.booleans(),
    fix_age_days=st.none() | st.integers(-5, 4000),
)
