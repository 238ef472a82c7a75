"""A Postgres of a test's own: a throw-away data directory, a unix socket, no TCP. `Postgres().start()` gives `url`;
stop() or crash() and start() again keep the data, for outage tests.

As a program (the C++ tests use it so): prints the URL, then obeys lines on stdin: "start", "stop", "crash", each
answered by "ok"; ends and cleans up at the end of stdin."""

import atexit
import glob
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

PORT = 5432  # names the socket file only
SLOW = float(os.environ.get("SWITCHYARD_TEST_SLOWNESS", "1"))


def binaries():
    """The folder of initdb and postgres, or None when they are not installed."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"))
    on_path = shutil.which("postgres")
    if not found and not on_path:
        return None
    return pathlib.Path(found[-1] if found else os.path.realpath(on_path)).parent


def other_user():
    """Postgres refuses to run as root; None = run as who we are."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            pass
    raise RuntimeError("neither a user postgres nor nobody")


class Postgres:
    def __init__(self):
        self.bin = binaries()
        if self.bin is None:
            raise RuntimeError("Postgres is not installed: apt-get install postgresql-15")
        self.user = other_user()
        self.folder = tempfile.mkdtemp(prefix="switchyard-pg-")
        self.server = None
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        os.chmod(self.folder, 0o711)
        atexit.register(self.close)
        self._run(self.bin / "initdb", "-D", self._data(), "-A", "trust", "-U", "postgres", "-E", "UTF8",
                  "--locale=C", "--no-sync")

    def _data(self):
        return os.path.join(self.folder, "data")

    def _as_user(self):
        if not self.user:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def _run(self, program, *arguments):
        done = subprocess.run([str(program), *arguments], capture_output=True, text=True, cwd="/", check=False,
                              stdin=subprocess.DEVNULL, **self._as_user())
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stderr}")

    @property
    def url(self):
        return f"postgresql://postgres@localhost:{PORT}/postgres?host={self.folder}"

    def start(self):
        log = open(os.path.join(self.folder, "log"), "ab")
        settings = ["listen_addresses=", f"port={PORT}", f"unix_socket_directories={self.folder}", "fsync=off",
                    "max_connections=60", "shared_buffers=32MB"]
        command = [str(self.bin / "postgres"), "-D", self._data()]
        for setting in settings:
            command += ["-c", setting]
        self.server = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/",
                                       **self._as_user())
        log.close()
        self._wait_until_ready()
        return self

    def _wait_until_ready(self):
        pause, end = threading.Event(), time.monotonic() + 30 * SLOW
        ready = [str(self.bin / "pg_isready"), "-q", "-h", self.folder, "-p", str(PORT)]
        while subprocess.run(ready, check=False).returncode != 0:
            if self.server.poll() is not None or time.monotonic() > end:
                raise RuntimeError("Postgres does not start:\n" + self.log())
            pause.wait(0.02)

    def log(self):
        return pathlib.Path(self.folder, "log").read_text(encoding="utf-8", errors="replace")

    def _end(self, how):
        if self.server is not None:
            self.server.send_signal(how)
            self.server.wait(30 * SLOW)
            self.server = None

    def stop(self):
        """Ends every connection and writes everything."""
        self._end(signal.SIGINT)

    def crash(self):
        """Ends at once; the next start() recovers."""
        self._end(signal.SIGQUIT)

    def close(self):
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    server = Postgres().start()
    print(server.url, flush=True)
    for line in sys.stdin:
        {"start": server.start, "stop": server.stop, "crash": server.crash}[line.strip()]()
        print("ok", flush=True)
    server.close()


if __name__ == "__main__":
    if binaries() is None:
        print("Postgres is not installed", file=sys.stderr)
        sys.exit(3)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # atexit cleans up
    main()
