"""Begins anew with a data directory whose creation was interrupted.

Patroni takes up whatever data directory it finds. One that was left by a bootstrap that did not get to its end lacks the
replication role, or is no database at all; one left by an unfinished copy from the leader is never completed; and as
long as etcd says that somebody is making the first one, nobody else begins. Each would need a person's hand. So the
member keeps a note beside its data directory for as long as it is being made, and begins anew when it starts with one.
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
RETRY = 2.0  # seconds between two tries to reach etcd


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


def unfinished(note: Note, kind: str, dcs: AbstractDCS) -> bool:
    """Whether it was interrupted; after its end the note may have been left."""
    if kind == COPY:
        # Written at the first start, and in no copy.
        return not os.path.exists(f"{note.data}/postmaster.opts")
    return not Ha.sysid_valid(dcs.get_cluster().initialize)


def begin_anew(note: Note, config: Config) -> None:
    """Removes what an unfinished creation left."""
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
