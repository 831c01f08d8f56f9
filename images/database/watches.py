"""Detects programs that hang.

The process of a hung program still exists, and the kernel still completes connections to it. So each watch repeatedly sends
a request as a client does, in a process of its own: a probe may never return, such as one that writes to a disk that hangs.

A program that waits for a CPU does not hang: it works when it gets one. Ending it would only add the work of a restart to an
overloaded machine, and on all members at once. So time in the kernel's run queue does not count. A frozen program is not in
that queue.
"""

import functools
import glob
import http.client
import mmap
import os
import select
import signal
import socket
import ssl
import struct
import sys
import time
from collections.abc import Callable

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
ANSWER_SECONDS = 10.0  # for one answer, which can take long if CPUs are busy
SECRETS = "/run/secrets"


def answers(path: str) -> bool:
    """Whether a server with PostgreSQL's protocol answers on a socket. A missing socket does not count as hanging."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ANSWER_SECONDS)
        try:
            connection.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):
            return True
        # A refusal is an answer, too, but a closed connection is not.
        connection.sendall(SSL_REQUEST)
        return connection.recv(1) != b""


@functools.cache
def tls() -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=f"{SECRETS}/ca.crt")
    context.load_cert_chain(f"{SECRETS}/tls.crt", f"{SECRETS}/tls.key")
    return context


def patroni_answers() -> bool:
    """Whether Patroni reports that its loop runs; raises until it listens."""
    connection = http.client.HTTPSConnection("localhost", 8008, timeout=ANSWER_SECONDS, context=tls())
    try:
        connection.request("GET", "/liveness")
        return connection.getresponse().status == http.HTTPStatus.OK
    finally:
        connection.close()


def disk_writes(folder: str) -> bool:
    """Whether a write reaches the disk. A write that fails, as on a full disk, does not count as hanging."""
    try:
        file = os.open(f"{folder}/.disk-watch", os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.pwrite(file, b"%020d\n" % time.time_ns(), 0)
            os.fsync(file)
        finally:
            os.close(file)
    except OSError:
        pass
    return True


class CpuQueue:
    """How long a program has waited for a CPU."""

    def __init__(self) -> None:
        self.threads: dict[str, tuple[int, int]] = {}

    def waited(self, processes: list[int], elapsed: float) -> float:
        """Seconds since the last call, which was `elapsed` seconds ago, over all threads of the processes; 0 where the kernel
        does not count them."""
        before, self.threads = self.threads, {}
        seconds = 0.0
        for process in processes:
            for path in glob.glob(f"/proc/{process}/task/*"):
                try:
                    with open(f"{path}/schedstat") as file:
                        ran, waited = (int(word) for word in file.read().split()[:2])
                    with open(f"{path}/stat") as file:
                        state = file.read().rpartition(") ")[2][0]
                except (OSError, ValueError):
                    continue  # It has just ended.
                had_run, had_waited = before.get(path, (0, 0))
                self.threads[path] = ran, waited
                # The kernel adds a wait only when it is over.
                still = state == "R" and ran == had_run
                seconds += elapsed if still else (waited - had_waited) / 1e9
        return seconds


class Lease:
    """Until when this member may be the leader, as Patroni tells the process that watches it; 0 while it is not."""

    def __init__(self) -> None:
        self.memory = mmap.mmap(-1, struct.calcsize("d"))  # shared with what is forked later

    def note(self, end: float) -> None:
        """end: by time.monotonic()."""
        self.memory[:] = struct.pack("d", end)

    def ends_within(self, seconds: float) -> bool:
        (end,) = struct.unpack("d", self.memory[:])
        return bool(end) and end - time.monotonic() < seconds


class Watch:
    """One probe in a process that writes a byte after each success."""

    def __init__(
        self,
        what: str,
        probe: Callable[[], bool],
        limit: float,
        pause: float = 1.0,
        program: Callable[[], int] = lambda: 0,
    ) -> None:
        """limit: seconds without a success after which it hangs; pause: seconds between two probes; program: the process
        that is asked, 0 where there is none."""
        self.what, self.probe, self.limit, self.pause, self.program = what, probe, limit, pause, program
        self.process = 0
        self.reader = -1
        self.last: float | None = None
        self.waited = 0.0  # for a CPU, since the last success
        self.looked = 0.0
        self.queue = CpuQueue()

    def start(self) -> None:
        """Starts probing. A program that has never answered is not ready yet and does not count as hanging."""
        self.last = None
        self.looked = time.monotonic()
        if self.reader >= 0:
            os.close(self.reader)
        self.reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.process = os.fork()
        if self.process == 0:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, signal.valid_signals())
            self.run(writer)
        os.close(writer)

    def run(self, writer: int) -> None:
        while True:
            try:
                if self.probe():
                    os.write(writer, b".")
            except (OSError, http.client.HTTPException):
                pass  # No success.
            time.sleep(self.pause)

    def stop(self) -> None:
        if self.process:
            os.kill(self.process, signal.SIGKILL)
            self.process = 0

    def forget(self) -> None:
        """Leaves out time in which nothing ran here, such as while a machine was suspended."""
        if self.last is not None:
            self.succeeded()

    def succeeded(self) -> None:
        self.last, self.waited = time.monotonic(), 0.0

    def silent(self) -> bool:
        """Whether the limit has passed without an answer, whatever the reason."""
        return bool(self.process) and self.last is not None and time.monotonic() - self.last > self.limit

    def hangs(self) -> bool:
        """Call this about once a second."""
        if not self.process:
            return False
        now = time.monotonic()
        # Threads wait in parallel, so no more than the elapsed time counts.
        elapsed = now - self.looked
        self.waited += min(self.queue.waited([self.process, self.program()], elapsed), elapsed)
        self.looked = now
        if select.select([self.reader], [], [], 0)[0] and os.read(self.reader, 4096):
            self.succeeded()
        return self.last is not None and now - self.last - self.waited > self.limit


def say(words: str) -> None:
    print(f"member: {words}", file=sys.stderr, flush=True)
