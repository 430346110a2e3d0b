"""Whatever somebody changes stands in the audit log, with who and from where, and no secret with it."""

import pytest

from tests.console.api.operations import Operation, operations
from tests.console.api.stage import Stage
from tests.console.api.test_every_route import LINES, UNTOLD
from tests.console.api.things import PASSWORD, TOTP

together = pytest.mark.asyncio(loop_scope="module")
NOT_WRITTEN = {
    "POST /api/v1/ingest/facts": "what is seen is a fact, and its reporter stands with it",
    "POST /api/v1/ingest/scans": "what is found is a fact, and who sent it stands with it",
    "POST /api/v1/account/second-factor": "nothing is changed before its code comes back",
}
CHANGES = [one for one in operations() if one.method != "GET" and str(one) not in NOT_WRITTEN]


@pytest.mark.check("O14")
@pytest.mark.parametrize("operation", CHANGES, ids=str)
@together
async def test_each_change(stage: Stage, operation: Operation) -> None:
    who = LINES.get(str(operation), UNTOLD).who.split()
    caller = stage.caller("admin" if "admin" in who else who[-1], operation)
    asked = await stage.right(operation, None, caller)
    ((last,),) = stage.things.rows("SELECT coalesce(max(id), 0) FROM audit")
    answer = await stage.send(asked, caller)
    lines = stage.things.rows(
        "SELECT actor, action, address, outcome, concat(before, after) FROM audit WHERE id > %s ORDER BY id",
        last,
    )
    assert lines, answer.text
    for actor, action, address, outcome, said in lines:
        assert actor
        assert address.startswith("10.")
        assert action.count(".") == 1
        assert outcome == ("done" if answer.status < 300 else "failed")
        for secret in (PASSWORD, TOTP, str((asked.body or {}).get("client_secret", "none of it"))):
            assert secret not in said
    if caller.person and operation.permission != "-":
        assert {line[0] for line in lines} == {caller.person.name}
