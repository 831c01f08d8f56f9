/** Writes into a folder what a member of a small group gets: `node render.ts FOLDER`. */
import { writeFileSync } from "node:fs";
import {
  groupSettings,
  leaderConninfo,
  patroniYaml,
  settingsKey,
} from "../../components/postgres/patroni.ts";
import { pgbouncerIni } from "../../components/postgres/pgbouncer.ts";
import type { Group } from "../../config/topology.ts";
import { parse } from "../unit/config/fixture.ts";

const [folder] = process.argv.slice(2);
const settings = parse({ resources: { coordinator: { cpus: 1, memory: "1GB", storage: "10GB" } } });
// The image of the tests has no Citus.
const config = { ...settings, images: { ...settings.images, citus: null } };
const { etcd, groups } = config.topology;
// Alone the first member would wait for a standby with every commit.
const group: Group = { ...(groups[0] as Group), synchronous: false };
const [member, peer] = group.members;
if (!member || !peer) throw new Error("the group has no two members");
const files = {
  "patroni.yml": patroniYaml({ config, group, member, etcd: etcd.slice(0, 1) }),
  "pgbouncer.ini": pgbouncerIni({ config, group, member }),
  "citus.ini": pgbouncerIni({
    config: { ...config, images: { ...config.images, citus: "14.0" } },
    group,
    member,
  }),
  "peer.ini": pgbouncerIni({ config, group, member: peer }),
  key: settingsKey(group, config.images.citus !== null),
  settings: groupSettings(config, group),
  leader: leaderConninfo({ ...group, members: [member] }),
};
for (const [name, text] of Object.entries(files)) writeFileSync(`${folder}/${name}`, text);
