"""How completely something was watched, and what was seen of the use of a package. Points for it: `assess/use`."""

from typing import Literal

Completeness = Literal["events", "sampled", "off"]
"""Of a probe: every event comes, or a look now and then, or nothing. What `events` lost is counted."""

Seen = Literal["executing", "imported", "open", "opened", "ran", "linked", "named"]
"""
What a reporter can see of a file, strongest first. `executing`: mapped now, or the binary itself. `imported`: in the
interpreter's own table of modules. `open`: a runtime of its ecosystem holds it open. `opened`: such a runtime opened
it. `ran`: a program that came and went. `linked`: a running binary's build information. `named`: in memory, a hint.
"""

Level = Literal[
    "executing",
    "imported",
    "open",
    "opened",
    "linked_symbol",
    "ran",
    "linked",
    "named",
    "unknown",
    "present",
    "not_seen",
    "symbol_absent",
    "never_started",
]
"""
What is concluded of a package on an asset. `unknown` is neither yes nor no; what follows it speaks against use, and
`not_seen` and `never_started` hold only where the watch was complete and nothing was lost.
"""

Method = Literal["exec", "mapping", "modules", "descriptor", "open", "memory", "build_info"]
"""
How a use was seen: started, mapped, in the module table, among the open files, opened, in memory, in the binary.
"""

Runtime = Literal["native", "python", "java", "node", "ruby", "php", "go", "dotnet"]
"""What runs a process' code, as far as it matters for what can be seen of it."""
