import type { FileOwner } from "../swarm/files.ts";

/** uid and gid of `postgres` in images/database, who alone reads a member's secrets. */
export const memberUser: FileOwner = { uid: 999, gid: 999, mode: 0o400 };
