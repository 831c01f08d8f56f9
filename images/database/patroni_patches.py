"""All changes to Patroni itself, and their reasons. Where Patroni has a documented setting or hook, that is used instead.

These names are not a public interface of Patroni. So the version and every signature are checked first, and a member with
another Patroni refuses to start. For a new version, read the functions in ORIGINALS again, then change the record.
"""

import inspect
import sys
import time
from collections.abc import Callable
from typing import Any

from patroni import postgresql  # before patroni.ha: they import each other
from patroni.dcs.etcd import DnsCachingResolver
from patroni.dcs.etcd3 import Etcd3
from patroni.postgresql import Postgresql
from patroni.postgresql.mpp.citus import CitusHandler
from patroni.version import __version__

from patroni import ha

VERSION = "4.1.5"

# Each with its signature in that version, without annotations.
ORIGINALS: dict[str, tuple[Callable[..., Any], str]] = {
    "DnsCachingResolver.__init__": (DnsCachingResolver.__init__, "(self, cache_time=600.0, cache_fail_time=30.0)"),
    "CitusHandler.adjust_postgres_gucs": (CitusHandler.adjust_postgres_gucs, "(self, parameters)"),
    "Postgresql.stop": (
        Postgresql.stop,
        "(self, mode='fast', block_callbacks=False, checkpoint=None, on_safepoint=None, on_shutdown=None, "
        "before_shutdown=None, stop_timeout=None)",
    ),
    "Etcd3.initialize": (Etcd3.initialize, "(self, create_new=True, sysid='')"),
    "Etcd3.cancel_initialization": (Etcd3.cancel_initialization, "(self)"),
    "Ha.run_cycle": (ha.Ha.run_cycle, "(self)"),
    "Ha.set_is_leader": (ha.Ha.set_is_leader, "(self, value)"),
}

DNS_SECONDS = 1.0
SOCKETS = "/var/run/postgresql"
STOPPING_PAUSE = 0.05  # seconds


def signature(function: Callable[..., Any]) -> str:
    # Patroni's own decorator for etcd does not say what it wraps, but holds it.
    if function.__name__ == "wrapper" and function.__closure__:
        function = function.__closure__[0].cell_contents
    plain = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in inspect.signature(function).parameters.values()
    ]
    return str(inspect.Signature(plain))


def problems() -> list[str]:
    found = [] if __version__ == VERSION else [f"its version is {__version__}, not {VERSION}"]
    for name, (function, recorded) in ORIGINALS.items():
        if signature(function) != recorded:
            found.append(f"{name} takes {signature(function)}, not {recorded}")
    if getattr(ha, "time", None) is not time:
        found.append("patroni.ha does not use the module time")
    if getattr(postgresql, "STOP_POLLING_INTERVAL", None) != 1:
        found.append("postgresql.STOP_POLLING_INTERVAL is not 1")
    return found


def check() -> None:
    found = problems()
    if found:
        sys.exit(
            f"member: this Patroni is not the one that patroni_patches.py was written for: {'; '.join(found)}; "
            f"install Patroni {VERSION}, or bring patroni_patches.py up to date"
        )


def look_names_up_again() -> None:
    """Patroni caches resolved names for ten minutes, and no setting changes that.

    In a Swarm an address lives only as long as a task. After a member was replaced, the others would ask its former address,
    find no candidate for a switchover and count it as lost in an election. Docker's own resolver answers on the same host.
    """
    DnsCachingResolver.__init__.__defaults__ = (DNS_SECONDS, DNS_SECONDS)


def citus_by_the_socket() -> None:
    """Makes Citus connect to its own server through the socket, as Patroni does.

    Until the first reload Patroni says `localhost` instead, whatever citus.local_hostname is set to.
    """
    original = CitusHandler.adjust_postgres_gucs

    def adjust(self: CitusHandler, parameters: dict[str, Any]) -> None:
        original(self, parameters)
        if "citus.local_hostname" in parameters:
            parameters["citus.local_hostname"] = SOCKETS

    CitusHandler.adjust_postgres_gucs = adjust


class Clock:
    """The module `time` for Patroni's high availability, which sleeps less while PostgreSQL is being stopped."""

    stopping = False

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def sleep(self, seconds: float) -> None:
        time.sleep(min(seconds, STOPPING_PAUSE) if self.stopping else seconds)


def stop_quickly() -> None:
    """Makes a switchover wait only until PostgreSQL has stopped.

    Patroni by itself checks once a second whether PostgreSQL has stopped, and then gives the standbys another second to
    catch up before it asks whether they may take over. Here there are no such pauses: a standby receives all WAL before
    PostgreSQL ends, and then the lease is released in any case.
    """
    clock = Clock()
    original = Postgresql.stop

    def stop(self: Postgresql, *args: Any, **options: Any) -> bool:
        clock.stopping = True
        try:
            return original(self, *args, **options)
        finally:
            clock.stopping = False

    ha.time = clock
    Postgresql.stop = stop
    postgresql.STOP_POLLING_INTERVAL = STOPPING_PAUSE


def note_bootstrap(begins: Callable[[], None], ended: Callable[[], None]) -> None:
    """Tells resume_bootstrap when this member begins to create the first data directory, and when that has ended.

    A `bootstrap.method` is called only after etcd has recorded that a member creates it, and after a crash between the two
    no member would begin again.
    """
    initialize, cancel = Etcd3.initialize, Etcd3.cancel_initialization

    # Without a system identifier this is the race for the first data directory, and with one it is the end of its creation.
    def noted_initialize(self: Etcd3, create_new: bool = True, sysid: str = "") -> Any:
        if not sysid:
            begins()
        done = False
        try:
            done = initialize(self, create_new, sysid)
        finally:
            if bool(sysid) == bool(done):
                ended()
        return done

    def noted_cancel(self: Etcd3) -> Any:
        done = cancel(self)
        ended()
        return done

    Etcd3.initialize, Etcd3.cancel_initialization = noted_initialize, noted_cancel


def tell_lease(note: Callable[[float], None]) -> None:
    """Tells the supervisor until when this member may be the leader: one lease from the beginning of the loop that took or
    renewed it. It is told in advance, because Patroni cannot be asked when it does not answer.
    """
    run_cycle, set_is_leader = ha.Ha.run_cycle, ha.Ha.set_is_leader
    began = time.monotonic()

    def noted_cycle(self: ha.Ha) -> str:
        nonlocal began
        began = time.monotonic()
        return run_cycle(self)

    def noted_leader(self: ha.Ha, value: bool) -> None:
        set_is_leader(self, value)
        note(began + self.dcs.ttl if value else 0)

    ha.Ha.run_cycle, ha.Ha.set_is_leader = noted_cycle, noted_leader


def apply() -> None:
    check()
    look_names_up_again()
    citus_by_the_socket()
    stop_quickly()
