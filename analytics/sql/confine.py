"""What a query's process gives up before it sees the query, so that whoever breaks the engine gains nothing.

Each step is tried; what this system does not offer is told, not hidden (`Confined`). Linux offers all, macOS
the limits only.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import sys
import threading
from collections.abc import Callable
from pathlib import Path

MIB = 1 << 20
HEADROOM_MIB = 2048  # address space beside the engine's memory: 2,560 in all turned bombs into errors at 512
OPEN_FILES = 64
FIRST, LATER = 10, 19  # niceness of a worker, and of a query that lasts where nothing stands further back
TASKS = "/proc/self/task"  # the threads of a process
NO_NEW_PRIVS = 38  # prctl(2)
DUMPABLE = 4
NEW_USER, NEW_NET = 0x1000_0000, 0x4000_0000  # unshare(2)
RULESET, RULE, RESTRICT = 444, 445, 446  # landlock(7), the same on every architecture
READ_FILE, READ_FOLDER = 1 << 2, 1 << 3


def stand(process: int, *, is_last: bool) -> None:
    """Give a process its place among others at its start: loading the engine takes half a second.

    Only beside processes of its own session: the scheduler weighs sessions against each other before it looks
    into them (sched(7), autogroup), so a worker is started in that of the desk.

    Args:
        process: Its number.
        is_last: It gets only what nobody else wants, for as long as it lives; else a small share.
    """
    _yield_to_others(process, LATER if is_last else FIRST)
    if is_last and sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(process, os.SCHED_IDLE, os.sched_param(0))


def stand_back() -> Callable[[], None]:
    """Prepare to leave others all of the processor that they want, for a query that lasts.

    Returns:
        What does so. It works after `confine` too; there is no way back. The thread that calls it, which
        watches the clock, stays as it is.
    """
    tasks: int | None = None
    with contextlib.suppress(OSError):
        tasks = os.open(TASKS, os.O_RDONLY)

    def behind_all() -> None:
        if sys.platform != "linux" or tasks is None:
            _yield_to_others(os.getpid(), LATER)
            return
        found = {int(each) for each in os.listdir(tasks)}  # noqa: PTH208 by its number: no path leads there now
        for task in found - {threading.get_native_id()}:
            with contextlib.suppress(OSError):  # it may have ended
                os.sched_setscheduler(task, os.SCHED_IDLE, os.sched_param(0))

    return behind_all


def leave_network(user: int | None) -> dict[str, bool]:
    """Move into a network of our own without any link; before the first thread, as the system asks.

    Args:
        user: Whom `confine` will become; None: nobody, and then root's rights over files are left behind
            here.
    """
    libc = _libc()
    if libc is None:
        return {"no_network": False}
    first, then = (NEW_NET, NEW_USER | NEW_NET) if user is not None else (NEW_USER | NEW_NET, NEW_NET)
    return {"no_network": libc.unshare(first) == 0 or libc.unshare(then) == 0}


def confine(reads: Path, empty: Path, user: int | None) -> dict[str, bool]:
    """Give up files, rights and environment.

    Args:
        reads: The one folder that may still be read.
        empty: An empty folder to stand in.
        user: Whom to become; only root can.

    Returns:
        Step -> whether this system let it happen.
    """
    os.environ.clear()
    os.chdir(empty)
    done = {"own_user": user is not None, "no_new_rights": False, "only_archive": False}
    if user is not None:
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    libc = _libc()
    if libc:
        done["no_new_rights"] = libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0) == 0
        libc.prctl(DUMPABLE, 0, 0, 0, 0)
        done["only_archive"] = _read_only(libc, reads)
    for what, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
    ):
        _lower(what, most)
    return done


def limit(memory_mib: int, cpu_s: float) -> None:
    """Bound memory and processor time, and allow no further thread or process.

    Args:
        memory_mib: What the engine may use.
        cpu_s: Of the query, all threads; some more are granted for set-up and the end.
    """
    _lower(resource.RLIMIT_AS, (memory_mib + HEADROOM_MIB) * MIB)
    _lower(resource.RLIMIT_CPU, int(cpu_s) + 4)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _yield_to_others(process: int, niceness: int) -> None:
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, process, niceness)


def _lower(what: int, most: int) -> None:
    with contextlib.suppress(OSError, ValueError):  # macOS knows some limits by name only
        resource.setrlimit(what, (most, most))


def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _read_only(libc: ctypes.CDLL, folder: Path) -> bool:
    """Forbid every file but those of a folder, and every TCP connection, by Landlock."""
    version = libc.syscall(RULESET, None, 0, 1)
    if version < 1:
        return False
    rights = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)) - 1
    network = 3 if version >= 4 else 0
    rules = (ctypes.c_uint64 * 2)(rights, network)
    ruleset = libc.syscall(RULESET, ctypes.byref(rules), 16 if version >= 4 else 8, 0)
    if ruleset < 0:
        return False
    try:
        held = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    except OSError:
        os.close(ruleset)
        return False
    beneath = ctypes.create_string_buffer((READ_FILE | READ_FOLDER).to_bytes(8, sys.byteorder))
    packed = beneath.raw[:8] + held.to_bytes(4, sys.byteorder)
    try:
        return bool(
            libc.syscall(RULE, ruleset, 1, packed, 0) == 0 and libc.syscall(RESTRICT, ruleset, 0) == 0
        )
    finally:
        os.close(held)
        os.close(ruleset)
