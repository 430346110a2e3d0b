"""How routes say that they refuse, for the description of the API. What is answered then: `door/problems`."""

from litestar.openapi.datastructures import ResponseSpec

from rightshift.console.door.problems import TITLES, Problem

_ALWAYS = (400, 401, 403, 429, 500, 503)
"""A wrong parameter, nobody, not allowed, too fast, a mistake of ours, no database."""


def refusals(*more: int) -> dict[int, ResponseSpec]:
    """For `responses=` of a route: what every one may answer, and these statuses beside."""
    return {
        status: ResponseSpec(
            Problem, description=TITLES[status], media_type="application/problem+json", generate_examples=False
        )
        for status in sorted({*_ALWAYS, *more})
    }
