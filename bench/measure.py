"""What a process takes.

Peaks are those of the kernel (ru_maxrss): pages of mapped files count, and of several processes the largest does. That
number starts with the size of the process that started the command, so that nothing below the 15 MB of bench.py itself is
seen; bench.py therefore imports nothing large.
"""
import collections
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

# wall and processor seconds, peak bytes; failed says what went wrong, if anything did; said is its standard output
Run = collections.namedtuple("Run", "wall processor peak failed said", defaults=[None, None])


def run(command, memory=None, seconds=None):
    """Runs a command once. It is stopped beyond so many bytes of resident memory, its children's included, or seconds."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complaints:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=complaints, start_new_session=True)
        try:
            failed = watch(process.pid, memory, seconds) if memory or seconds else None
            _, status, usage = os.wait4(process.pid, 0)
        except KeyboardInterrupt:
            os.killpg(process.pid, 9)
            raise
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0 and not failed:
            failed = complaint(complaints) or "exit status %d" % process.returncode
        return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, failed, text(said))


def text(file):
    file.seek(0)
    return file.read().decode(errors="replace")


def complaint(file):
    """The line of a program's last words that says what went wrong: of a Python's that which names the exception. Of a line
    only the beginning is read: skl2onnx prints models, and what bench.py holds counts in the peaks of what it starts."""
    file.seek(0)
    last = named = b""
    begins = True
    while line := file.readline(300):
        if begins and line.strip():
            last = line
            if re.match(rb"[\w.]*(Error|Exception|Failure)\b", line):
                named = line
        begins = line.endswith(b"\n")
    return (named or last).decode(errors="replace").strip()


def watch(pid, memory, seconds):
    """Waits for a process, or ends it and all that it started, and says why."""
    began = time.perf_counter()
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        why = None
        if memory and sum(resident(p) for p in family(pid)) > memory:
            why = "more than %s" % human(memory)
        elif seconds and time.perf_counter() - began > seconds:
            why = "more than %d s" % seconds
        if why:
            os.killpg(pid, 9)
            return why
        time.sleep(0.02)


def family(pid):
    """A process and all that it started."""
    members = [pid]
    for p in members:
        try:
            for task in os.listdir("/proc/%d/task" % p):
                members += map(int, open("/proc/%d/task/%s/children" % (p, task)).read().split())
        except OSError:
            pass  # it has just ended
    return members


def resident(pid):
    try:
        return int(open("/proc/%d/statm" % pid).read().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, IndexError):
        return 0


def in_turns(runs):
    """Runs commands in turns, so that all see the same weather: runs lists pairs of a function that answers a Run and how
    often. The medians come back in the same order. What fails is not run again."""
    seen = [[] for _ in runs]
    for turn in range(max(often for _, often in runs)):
        for (call, often), mine in zip(runs, seen):
            if turn < often and not (mine and mine[-1].failed):
                mine.append(call())
    return [median(mine) for mine in seen]


def median(runs):
    if runs[-1].failed:
        return runs[-1]
    return Run(*(statistics.median(column) for column in list(zip(*runs))[:3]))


def must(command):
    """Runs a command that may not fail."""
    r = run(command)
    if r.failed:
        sys.exit("%s: %s" % (" ".join(command), r.failed))
    return r


def anonymous(command):
    """The largest anonymous memory of a process, looked at a thousand times a second: what it holds besides its files."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    most = 0
    with open("/proc/%d/statm" % process.pid) as f:
        while process.poll() is None:
            f.seek(0)
            numbers = f.read().split()
            if numbers:
                most = max(most, int(numbers[1]) - int(numbers[2]))
            time.sleep(0.001)
    if process.returncode != 0:
        sys.exit("%s failed" % " ".join(command))
    return most * os.sysconf("SC_PAGESIZE")


def human(size):
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5 or unit == "GB":
            return ("%.1f" % size).removesuffix(".0") + " " + unit
        size /= 1000
