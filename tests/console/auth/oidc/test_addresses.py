"""Where a browser goes after its sign-in always lies on this site."""

import pytest

from rightshift.console.auth.oidc.addresses import return_to

EVIL = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https://evil.example/",
    "http:/evil.example",
    "HTTPS://evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "evil.example",
    "",
    " /findings",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/findings\r\nSet-Cookie: a=b",
    "/findings%0d%0aSet-Cookie:%20a=b",
    "/findings?x=%0D%0ALocation:%20//evil.example",
    "/findings%250d%250aX:%20y",
    "%2f%2fevil.example",
    "/%2fevil.example",
    "/%2Fevil.example",
    "/%5cevil.example",
    "/%5Cevil.example",
    "/%252fevil.example",
    "/%25252fevil.example",
    "/%2525252525252fevil.example",
    "/%09/evil.example",
    "/%00",
    "/.//evil.example",
    "/x/..//evil.example",
    "/\u2028/evil.example",
    "/／evil.example",
    "/" + "x" * 5_000,
    "?x=1",
    "#x",
]


@pytest.mark.check("A18")
@pytest.mark.parametrize("asked", EVIL)
def test_what_may_lead_elsewhere_leads_to_the_start(asked: str) -> None:
    assert return_to(asked) == "/"


@pytest.mark.parametrize(
    "asked",
    [
        "/",
        "/findings",
        "/findings?after=a%2Fb&sort=-score",
        "/findings?next=//evil.example",
        "/assets/1#use",
        "/a%20b",
        "/findings?path=C:%5Cx",
        "/javascript:alert(1)",
    ],
)
def test_a_path_of_this_site_stays_as_it_is(asked: str) -> None:
    assert return_to(asked) == asked
