"""A data directory whose creation was cut off is made anew.

Patroni takes up whatever data directory it finds. One that was left by a bootstrap that did not get to its end lacks the
replication role, or is no database at all; one left by an unfinished copy from the leader is never completed; and as
long as etcd says that somebody is making the first one, nobody else begins. Each would need a person's hand. So the
member keeps a note beside its data directory for as long as it is being made, and begins anew when it starts with one.
"""

import os
import shutil
import sys
import time
from typing import Any

from patroni.config import Config
from patroni.dcs import AbstractDCS, get_dcs
from patroni.dcs.etcd3 import Etcd3
from patroni.exceptions import DCSError
from patroni.ha import Ha
from patroni.postgresql.bootstrap import Bootstrap

BOOTSTRAP = "bootstrap"  # as the first of its group
COPY = "copy"  # of another member
RETRY = 2.0  # seconds between two tries to reach etcd


def say(words: str) -> None:
    print(f"member: {words}", file=sys.stderr, flush=True)


def sync_folder(path: str) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Note:
    """The file that says how the data directory beside it is being made."""

    def __init__(self, data: str) -> None:
        self.data = data
        self.path = f"{data}.unfinished"

    def write(self, kind: str) -> None:
        with open(self.path, "w") as file:
            file.write(kind)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(os.path.dirname(self.path))

    def read(self) -> str:
        try:
            with open(self.path) as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def remove(self) -> None:
        if os.path.exists(self.path):
            os.unlink(self.path)
            sync_folder(os.path.dirname(self.path))


def watch(note: Note) -> None:
    """Has Patroni keep the note."""
    initialize, cancel = Etcd3.initialize, Etcd3.cancel_initialization
    clone_data, clone = Bootstrap.clone, Ha.clone

    # Without a system identifier it is the race for who makes the first data directory, with one it is the end of that.
    def noted_initialize(self: Etcd3, create_new: bool = True, sysid: str = "") -> Any:
        if not sysid:
            note.write(BOOTSTRAP)
        done = False
        try:
            done = initialize(self, create_new, sysid)
        finally:
            if bool(sysid) == bool(done):
                note.remove()
        return done

    def noted_cancel(self: Etcd3) -> Any:
        done = cancel(self)
        note.remove()
        return done

    def noted_clone_data(self: Bootstrap, *args: Any, **options: Any) -> Any:
        note.write(COPY)
        done = clone_data(self, *args, **options)
        if done:
            note.remove()
        return done

    # After a failure it has removed the data directory.
    def noted_clone(self: Ha, *args: Any, **options: Any) -> Any:
        done = clone(self, *args, **options)
        note.remove()
        return done

    Etcd3.initialize, Etcd3.cancel_initialization = noted_initialize, noted_cancel
    Bootstrap.clone, Ha.clone = noted_clone_data, noted_clone


def unfinished(kind: str, dcs: AbstractDCS) -> bool:
    """Whether it was cut off; a bootstrap that etcd knows had ended, and only its note was left."""
    return kind == COPY or not Ha.sysid_valid(dcs.get_cluster().initialize)


def begin_anew(note: Note, config: Config) -> None:
    """Removes what an unfinished creation left."""
    kind = note.read()
    if not kind:
        return
    dcs = get_dcs(config)
    while True:
        try:
            if unfinished(kind, dcs):
                say(f"the data directory was being made ({kind}) when this member stopped; making it anew")
                if os.path.exists(note.data):
                    shutil.rmtree(note.data)
                if kind == BOOTSTRAP:
                    dcs.cancel_initialization()
            break
        except DCSError:
            say("waiting for etcd")
            time.sleep(RETRY)
    note.remove()


def look_after(settings: str) -> None:
    """To be called before Patroni starts with this file of settings."""
    config = Config(settings)
    note = Note(config["postgresql"]["data_dir"])
    begin_anew(note, config)
    watch(note)
