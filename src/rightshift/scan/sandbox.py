"""
What a child that reads foreign bytes can no longer do: no network, no new privileges, no program, no file but those
below its roots, and those only to read. Ending it: `child.py`; how much it may use: `budget.py`.
"""

import ctypes
import errno
import importlib
import os
import resource
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from rightshift.scan.budget import Budget

_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2
_SIGKILL = 9
_CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522

_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_ADD_RULE = 445
_LANDLOCK_RESTRICT_SELF = 446
_LANDLOCK_RULE_PATH_BENEATH = 1
_LANDLOCK_READ = (1 << 2) | (1 << 3)  # READ_FILE, READ_DIR
_LANDLOCK_FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # kinds of access to files by version of the interface

_REFUSED = {
    # x86_64, aarch64: system calls that reading needs none of
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "accept4": (288, 242),
    "bind": (49, 200),
    "listen": (50, 201),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "sendmmsg": (307, 269),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "mount": (165, 40),
    "umount2": (166, 39),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "open_by_handle_at": (304, 265),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "chmod": (90, 53),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, 54),
    "lchown": (94, 54),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "utime": (132, 88),
    "utimes": (235, 88),
    "futimesat": (261, 88),
    "utimensat": (280, 88),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "setxattrat": (463, 463),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "setpriority": (141, 140),
    "setuid": (105, 146),
    "setgid": (106, 144),
    "setresuid": (117, 147),
    "setresgid": (119, 149),
}
_ON_ITSELF_ALONE = {"kill": (62, 129), "tgkill": (234, 131), "prlimit64": (302, 261)}
"""Their first argument is a process: its own number, and for `prlimit64` 0."""
_AUDIT_ARCH = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Confinement:
    """Which walls stand. What is missing has a reason, which ends up beside the scan and never in silence."""

    walls: tuple[str, ...]
    missing: tuple[str, ...]


def confine(budget: Budget, readable: Iterable[str | int]) -> Confinement:
    """
    Takes from this process all but reading below `readable` (paths or open folders). Can't be undone.

    The parts of Python that are imported late stay readable. Walls that the kernel lacks are named, the others stand.

    Source: prctl(2), seccomp(2), landlock(7), capabilities(7), setrlimit(2).
    """
    _limit(budget)
    walls, missing = ["rlimits"], []
    for name, build in (
        ("no-new-privileges", _no_new_privileges),
        ("capabilities", _drop_capabilities),
        ("landlock", lambda: _landlock(readable)),
        ("seccomp", _seccomp),
    ):
        try:
            build()
            walls.append(name)
        except OSError as error:
            missing.append(f"{name}: {error.strerror or error}")
    return Confinement(tuple(walls), tuple(missing))


def load_libraries() -> None:
    """Loads the modules of Python that bring shared libraries of the system along: behind the walls they can't."""
    for module in ("zlib", "hashlib", "pyexpat"):
        importlib.import_module(module)


def end_with_parent(parent: int) -> None:
    """Has the kernel end this process when its parent ends, however that happens; at once when it is gone already."""
    _prctl(_PR_SET_PDEATHSIG, _SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _limit(budget: Budget) -> None:
    for kind, amount in (
        (resource.RLIMIT_AS, _born_with_bytes() + budget.address_space_bytes),
        (resource.RLIMIT_CPU, budget.cpu_s),
        (resource.RLIMIT_NOFILE, budget.open_files),
        (resource.RLIMIT_FSIZE, budget.scratch_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        bound = amount if hard == resource.RLIM_INFINITY else min(amount, hard)
        resource.setrlimit(kind, (bound, bound))


def _born_with_bytes() -> int:
    """The address space that came with the fork. Source: proc(5), "/proc/pid/statm"."""
    with open("/proc/self/statm") as said:
        return int(said.read().split()[0]) * resource.getpagesize()


def _prctl(option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc.prctl(ctypes.c_int(option), *padded) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _syscall(number: int, *arguments: object) -> int:
    result = int(_libc.syscall(ctypes.c_long(number), *arguments))
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _no_new_privileges() -> None:
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _drop_capabilities() -> None:
    """Keeps of root's powers only that to read any file, which a host's package databases need."""
    if os.geteuid() != 0:
        return
    keep = 1 << _CAP_DAC_READ_SEARCH
    for number in range(64):
        try:
            _prctl(_PR_CAPBSET_DROP, number)
        except OSError as error:
            if error.errno == errno.EINVAL:  # past the last capability that this kernel knows
                break
            raise
    header = struct.pack("<Ii", _CAPABILITY_VERSION_3, 0)
    data = struct.pack("<IIIIII", keep, keep, 0, 0, 0, 0)
    if _libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _landlock(readable: Iterable[str | int]) -> None:
    version = _syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    handled = (1 << _LANDLOCK_FS_BITS.get(version, 16)) - 1
    network = 0b11 if version >= 4 else 0  # bind and connect of TCP
    attributes = struct.pack("<QQ", handled, network) if version >= 4 else struct.pack("<Q", handled)
    ruleset = _syscall(_LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint32(0))
    try:
        for place in (*readable, *_python_folders()):
            _landlock_allow(ruleset, place)
        _syscall(_LANDLOCK_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0))
    finally:
        os.close(ruleset)


def _landlock_allow(ruleset: int, place: str | int) -> None:
    try:
        fd = os.open(place, os.O_PATH | os.O_CLOEXEC) if isinstance(place, str) else place
    except FileNotFoundError:
        return
    try:
        rule = struct.pack("<Qi", _LANDLOCK_READ, fd)
        _syscall(_LANDLOCK_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(_LANDLOCK_RULE_PATH_BENEATH), rule, 0)
    finally:
        if fd is not place:
            os.close(fd)


def _python_folders() -> set[str]:
    here = os.path.dirname(os.path.dirname(__file__))
    return {here, *(path for path in sys.path if path and os.path.isdir(path))}


def _seccomp() -> None:
    """
    A filter that answers EPERM to what `_REFUSED` lists and to what is done to other processes, and ends the process
    on a foreign machine's calls.

    Source: seccomp(2), "The value of SECCOMP_RET_DATA"; bpf filter instructions in linux/filter.h.
    """
    try:
        architecture, column = _AUDIT_ARCH[os.uname().machine]
    except KeyError:
        raise OSError(errno.ENOSYS, f"no filter for {os.uname().machine}") from None
    load, jump_equal, jump_greater, answer = 0x20, 0x15, 0x35, 0x06
    allow, kill, refuse = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
    numbers = sorted({numbers[column] for numbers in _REFUSED.values()})
    program = [(load, 0, 0, 4), (jump_equal, 1, 0, architecture), (answer, 0, 0, kill), (load, 0, 0, 0)]
    if column == 0:  # the x32 calls of x86_64 are those from 2^30 on
        program += [(jump_greater, 0, 1, 1 << 30), (answer, 0, 0, refuse)]
    for number in numbers:
        program += [(jump_equal, 0, 1, number), (answer, 0, 0, refuse)]
    for name, columns in _ON_ITSELF_ALONE.items():
        itself = 0 if name == "prlimit64" else os.getpid()
        program += [(jump_equal, 0, 4, columns[column]), (load, 0, 0, 16), (jump_equal, 0, 1, itself)]
        program += [(answer, 0, 0, allow), (answer, 0, 0, refuse)]
    program.append((answer, 0, 0, allow))
    code = b"".join(struct.pack("<HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code)
    header = struct.pack("@HP", len(program), ctypes.addressof(buffer))
    if _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_char_p(header), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
