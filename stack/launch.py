"""Becomes another program, after what must happen between fork and exec.

Run as `python -I -S launch.py PARENT SIGNAL IDENTITY PROGRAM ARGUMENT...`. It is a program of its
own, and not a `preexec_fn`, because Python code after a fork can deadlock where threads run.

IDENTITY is `same`, `namespace:UID` (a user namespace in which root is UID: PostgreSQL refuses
uid 0, and nothing on the system changes) or `switch:UID` (really change to UID, keeping only the
right to pass closed folders on the way to the data).

SIGNAL is sent to the program when PARENT dies. The kernel forgets this at every change of
credentials, so it is set last. Linux only; elsewhere the next start stops what was left.
"""

import ctypes
import os
import sys
from pathlib import Path

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522


def call(function: str, *arguments: object) -> None:
    """Call a function of libc that answers -1 and sets errno where it fails."""
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, function)(*arguments) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")


def enter_namespace(uid: int) -> None:
    """Be `uid` inside a new user namespace, and who we were outside it."""
    outer_uid, outer_gid = os.geteuid(), os.getegid()
    call("unshare", CLONE_NEWUSER)
    own = Path("/proc/self")
    own.joinpath("setgroups").write_text("deny")
    own.joinpath("uid_map").write_text(f"{uid} {outer_uid} 1")
    own.joinpath("gid_map").write_text(f"{uid} {outer_gid} 1")


def switch_user(uid: int) -> None:
    """Change to `uid` for good; keep CAP_DAC_OVERRIDE where the kernel lets us."""
    call("prctl", PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    bit = 1 << CAP_DAC_OVERRIDE
    data = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    try:
        call("capset", ctypes.byref(header), ctypes.byref(data))
        call("prctl", PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)
    except OSError:
        pass  # a sealed container; it works wherever uid can reach the data by itself


def main() -> None:
    parent, signal_number, identity = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    kind, _, uid = identity.partition(":")
    if kind == "namespace":
        enter_namespace(int(uid))
    elif kind == "switch":
        switch_user(int(uid))
    if sys.platform == "linux" and signal_number:
        call("prctl", PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        if os.getppid() != parent:
            sys.exit("the process that started this one is gone")
    os.execv(sys.argv[4], sys.argv[4:])


if __name__ == "__main__":
    main()
