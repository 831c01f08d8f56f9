"""Starts over with a data directory whose creation was interrupted.

Patroni uses any data directory that it finds. After an unfinished bootstrap it lacks the replication role, or is not a
database at all. An unfinished copy from the leader is never completed. And as long as etcd says that a member creates the
first data directory, no other member begins. Each case would need repair by hand. So a member keeps a note beside its data
directory while it is created, and starts over if there is a note when it starts.
"""

import os
import shutil
import time

import patroni_patches
from patroni.config import Config
from patroni.dcs import AbstractDCS, get_dcs
from patroni.exceptions import DCSError
from patroni.ha import Ha
from watches import say

BOOTSTRAP = "bootstrap"  # as the first of its group
COPY = "copy"  # of another member; create-replica writes it
RETRY = 2.0  # seconds between two attempts to reach etcd


def sync_folder(path: str) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Note:
    """The file that says how the data directory beside it is being created."""

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


def unfinished(note: Note, kind: str, dcs: AbstractDCS) -> bool:
    """Whether the creation was interrupted; the note may also be left from a finished one."""
    if kind == COPY:
        # PostgreSQL writes it at the first start; a copy does not contain it.
        return not os.path.exists(f"{note.data}/postmaster.opts")
    return not Ha.sysid_valid(dcs.get_cluster().initialize)


def begin_anew(note: Note, config: Config) -> None:
    """Removes what an unfinished creation has left."""
    kind = note.read()
    if not kind:
        return
    dcs = get_dcs(config)
    while True:
        try:
            if unfinished(note, kind, dcs):
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
    patroni_patches.note_bootstrap(lambda: note.write(BOOTSTRAP), note.remove)
