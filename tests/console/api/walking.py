"""Reads a list to its end, as a caller would."""

import httpx

Row = dict[str, object]


async def walk(asking: httpx.AsyncClient, path: str, **parameters: str | int) -> list[Row]:
    """All rows, page by page; the cursors are those that the pages give."""
    rows: list[Row] = []
    after: dict[str, str] = {}
    separator = "&" if "?" in path else "?"
    while True:
        query = httpx.QueryParams({**parameters, **after})
        answer = await asking.get(f"{path}{separator}{query}")
        assert answer.status_code == 200, answer.text
        page = answer.json()
        rows += page["items"]
        if page["next"] is None:
            return rows
        after = {"after": page["next"]}
