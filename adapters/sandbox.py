"""Filters of system calls (seccomp) for children that decode what strangers sent, made by libseccomp.

``base`` is what every child starts under: it may do what programs do, but for the network, other processes, and the
kernel's wide and privileged interfaces. ``decoding`` is for one that has loaded its code: it may use what is open,
memory and threads, and nothing else. A call that is refused ends the child (SIGSYS), or fails where libraries try it.
"""

import base64
import errno
import functools
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import structlog

LOG = structlog.get_logger()

# What ends a child at once.
PROCESSES = (
    "fork vfork kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo ptrace"
    " process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_open pidfd_getfd"
    " pidfd_send_signal kcmp setns unshare setuid setgid setreuid setregid setresuid setresgid setgroups capset"
)
KERNEL = (
    "bpf perf_event_open io_uring_setup io_uring_enter io_uring_register userfaultfd keyctl add_key request_key"
    " kexec_load kexec_file_load init_module finit_module delete_module reboot swapon swapoff acct settimeofday"
    " clock_settime clock_adjtime adjtimex iopl ioperm modify_ldt quotactl quotactl_fd lookup_dcookie nfsservctl"
    " mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount fspick mount_setattr"
    " name_to_handle_at open_by_handle_at fanotify_init fanotify_mark personality vhangup syslog"
)
# What fails: a program may try it in passing, such as the C library that asks for a user's name.
NETWORK = "socket socketpair connect bind listen accept accept4 sendto sendmsg sendmmsg recvfrom recvmsg recvmmsg"
PRIORITIES = "setpriority ioprio_set sched_setscheduler sched_setparam sched_setattr migrate_pages move_pages"
CHANGES = (
    "unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat mkdir mkdirat rmdir mknod mknodat chmod"
    " fchmod fchmodat chown fchown lchown fchownat truncate setxattr lsetxattr fsetxattr removexattr lremovexattr"
    " fremovexattr utime utimes utimensat futimesat"
)
# What a decoder needs that has been loaded.
DECODES = (
    "read pread64 readv write pwrite64 writev lseek fstat close munmap mremap madvise brk futex exit exit_group"
    " rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack getrandom clock_gettime clock_nanosleep nanosleep"
    " gettimeofday time sched_yield sched_getaffinity getpid gettid getrusage set_robust_list rseq membarrier"
    " restart_syscall getcpu fcntl sched_getscheduler sched_getparam getrlimit set_tid_address arch_prctl"
)
LOOKS = (
    "open openat openat2 stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getcwd ioctl prctl"
)
CLONE_THREAD, PROT_EXEC = 0x10000, 4
FOLDER = Path(__file__).parent
TRIAL = "import os, sys; sys.path.insert(0, sys.argv[1]); import bounded; bounded.give_up(sys.argv[2]); os._exit(0)"


def available() -> bool:
    """Whether children can be filtered here; if not, the log says so."""
    return base() != "-"


@functools.cache
def base() -> str:
    """The filter that every child starts under, for ``adapters.bounded.give_up``; "-" where there is no seccomp."""
    made = _made(_base)
    if made != "-" and not _is_taken(made):
        LOG.error("sandbox.missing", needed="a kernel with seccomp filters")
        return "-"
    return made


@functools.cache
def decoding() -> str:
    """The filter of a child that has loaded all it needs, likewise."""
    return "-" if base() == "-" else _made(_decoding)


def _made(build: Any) -> str:
    try:
        import pyseccomp

        return _exported(build(pyseccomp), pyseccomp)
    except (ImportError, RuntimeError, OSError, ValueError, AttributeError) as error:
        LOG.error("sandbox.missing", needed="libseccomp2", error=type(error).__name__)
        return "-"


def _is_taken(code: str) -> bool:
    """Whether the kernel takes this filter, which a child of its own tries: some have seccomp without filters."""
    child = [sys.executable, "-I", "-S", "-c", TRIAL, str(FOLDER), code]
    return subprocess.run(child, check=False, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0


def _exported(made: Any, kit: Any) -> str:
    made.set_attr(kit.Attr.ACT_BADARCH, kit.KILL_PROCESS)
    with tempfile.TemporaryFile() as file:
        made.export_bpf(file)
        file.seek(0)
        return base64.b64encode(file.read()).decode()


def _base(kit: Any) -> Any:
    made = kit.SyscallFilter(kit.ALLOW)
    _add(made, kit, kit.KILL_PROCESS, f"{PROCESSES} {KERNEL}".split())
    _add(made, kit, kit.ERRNO(errno.EPERM), f"{NETWORK} {PRIORITIES} {CHANGES}".split())
    # Only threads, and no limits but its own.
    _add(made, kit, kit.KILL_PROCESS, ["clone"], kit.Arg(0, kit.MASKED_EQ, CLONE_THREAD, 0))
    _add(made, kit, kit.KILL_PROCESS, ["prlimit64"], kit.Arg(0, kit.NE, 0))
    _no_clone3(made, kit)
    return made


def _decoding(kit: Any) -> Any:
    made = kit.SyscallFilter(kit.KILL_PROCESS)
    _add(made, kit, kit.ALLOW, DECODES.split())
    _add(made, kit, kit.ERRNO(errno.EPERM), LOOKS.split())
    # No memory that code could be written into.
    _add(made, kit, kit.ALLOW, ["mmap", "mprotect"], kit.Arg(2, kit.MASKED_EQ, PROT_EXEC, 0))
    _add(made, kit, kit.ALLOW, ["clone"], kit.Arg(0, kit.MASKED_EQ, CLONE_THREAD, CLONE_THREAD))
    _add(made, kit, kit.ALLOW, ["prlimit64"], kit.Arg(0, kit.EQ, 0))
    _no_clone3(made, kit)
    return made


def _no_clone3(made: Any, kit: Any) -> None:
    # Its flags are in memory, where a filter can't look; without it the C library uses clone.
    _add(made, kit, kit.ERRNO(errno.ENOSYS), ["clone3"])


def _add(made: Any, kit: Any, action: int, names: Iterable[str], *conditions: Any) -> None:
    """Rules for those of the calls that this machine's architecture, and this version of the library, have."""
    for name in names:
        # A number below zero stands for a call that there is elsewhere, or nowhere.
        if kit.resolve_syscall(kit.Arch.NATIVE, name) >= 0:
            made.add_rule(action, name, *conditions)
