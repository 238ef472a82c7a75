"""Starting pinned processes and reading what the kernel accounts to them."""

import os
import pathlib
import signal
import socket
import subprocess


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pinned:
    """A child process and its descendants on one core."""

    def __init__(self, command, cpu, env=None, **pipes):
        self.command = command
        self.child = subprocess.Popen(command, env={**os.environ, **(env or {})}, **pipes,
                                      preexec_fn=lambda: os.sched_setaffinity(0, {cpu}))

    def pids(self):
        found, todo = [], [self.child.pid]
        while todo:
            pid = todo.pop()
            found.append(pid)
            for task in tasks(pid):
                try:
                    todo += map(int, (task / "children").read_text().split())
                except OSError:
                    pass
        return found

    def cpu_ns(self, wanted=None):
        """CPU time of all threads that are alive, or of those whose name is wanted."""
        total = 0
        for pid in self.pids():
            for task in tasks(pid):
                try:
                    if not wanted or wanted((task / "comm").read_text()):
                        total += int((task / "schedstat").read_text().split()[0])
                except OSError:
                    pass  # the thread ended
        return total

    def voluntary_switches(self):
        return sum(int(line.split()[1]) for text in self._read("status") for line in text.splitlines()
                   if line.startswith("voluntary_ctxt_switches"))

    def rss_kb(self):
        total = 0
        for pid in self.pids():
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmRSS"):
                    total += int(line.split()[1])
        return total

    def open_files(self):
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.pids())

    def _read(self, name):
        for pid in self.pids():
            for task in tasks(pid):
                try:
                    yield (task / name).read_text()
                except OSError:
                    pass  # the thread ended

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()


def tasks(pid):
    try:
        return list(pathlib.Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def busy_ns():
    """Non-idle CPU time of the whole machine."""
    fields = [int(x) for x in pathlib.Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) * 1_000_000_000 // os.sysconf("SC_CLK_TCK")
