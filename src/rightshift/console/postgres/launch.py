"""
A program that becomes another one: as an unprivileged user, in a session of its own, stopped when its parent dies.

It is started by its path with `python -I -S`, so it may import the standard library only. Python's `preexec_fn`
would do the same in a process that has threads, where it may hang.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38


def main(words: list[str]) -> None:
    """`PARENT UID GID PROGRAM WORD…`; a PARENT of 0 lets it outlive whoever started it."""
    parent, uid, gid, *program = words
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    os.umask(0o077)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if int(parent):  # after the change of user, which would take it back
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0)
        if os.getppid() != int(parent):
            sys.exit("the process that asked for it is gone")
    os.execv(program[0], program)  # noqa: S606 (there is nothing for a shell to do)


if __name__ == "__main__":
    main(sys.argv[1:])
