"""as_user.py UID WORD...: the command as another user, also where that user can't reach this interpreter."""

import ctypes
import importlib
import os
import pkgutil
import sys

import rightshift

PR_SET_DUMPABLE = 4
LATE = "argparse encodings.idna locale secrets shutil sqlite3 tomllib traceback xml.parsers.expat yaml zlib zstandard"


def main() -> int:
    """All that may be imported later is imported before the rights are gone."""
    for module in pkgutil.walk_packages(rightshift.__path__, "rightshift."):
        # the one is the program itself, the other has no part in a scan
        if not module.name.endswith("__main__") and not module.name.startswith("rightshift.console."):
            importlib.import_module(module.name)
    for name in LATE.split():
        importlib.import_module(name)
    user = int(sys.argv[1])
    os.setgroups([])
    os.setgid(user)
    os.setuid(user)
    ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # as after a start by that user: /proc/self is its own
    from rightshift.cli.main import main as command

    return command(sys.argv[2:])


sys.exit(main())
