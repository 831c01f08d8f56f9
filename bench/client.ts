import type { MemberReport, Report } from "../cli/report.ts";
import { readScript } from "../components/host/HostScript.ts";
import { clientPorts } from "../components/host/preflight.ts";
import { runScript } from "../components/host/runScript.ts";
import { hostTarget, type SshTarget } from "../components/host/ssh.ts";
import { leaderConninfo, patronictlGroup, postgresPorts } from "../components/postgres/patroni.ts";
import type { ClusterConfig, HostConfig } from "../config/ClusterConfig.ts";
import type { Group, Topology } from "../config/topology.ts";
import { definitionsOf, type Outcome, optionsOf, parseOutcome, scriptOf, type Workload } from "./pgbench.ts";

const script = readScript("client.sh", import.meta.url);

/** A connection string and its password; if a keyword is there twice, libpq takes the last value. */
export interface Connection {
  readonly conninfo: string;
  readonly password?: string;
}

export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly pgbouncer: string;
}

export interface ClientArgs {
  readonly config: ClusterConfig;
  readonly topology: Topology;
  /** Of the cluster as it is now. */
  readonly report: Report;
  /** The application's. */
  readonly password: string;
  /** Ends what the client does. */
  readonly signal?: AbortSignal;
}

/** PgBouncer does not accept client certificates, and there is only one server to choose from. */
const asClient = "sslcertmode=disable target_session_attrs=any";

/** A client on the host of a standby coordinator. */
export class Client {
  /** The application through the virtual IP, HAProxy and PgBouncer. */
  readonly virtualIp: Connection;
  /** The application at the coordinators' leader itself. */
  readonly leader: Connection;
  /** The superuser there. */
  readonly superuser: Connection;
  private readonly args: ClientArgs;
  /** Where the client is, and where the leader is. */
  private readonly here: Place;
  private readonly there: Place;

  constructor(args: ClientArgs) {
    const { config, topology, report, password } = args;
    const coordinators = report.groups[0]?.members ?? [];
    const holdsVip = (host: string) => report.virtualIp.holders.includes(host);
    const leader = coordinators.find(({ role }) => role === "leader");
    const standbys = coordinators.filter((member) => member !== leader);
    // The way to the virtual IP has to go over the network, too.
    const member = standbys.find(({ host }) => !holdsVip(host)) ?? standbys[0] ?? leader;
    if (!leader || !member) throw new Error("the coordinators have no leader");
    this.args = args;
    this.here = placeOf(config, member);
    this.there = placeOf(config, leader);

    this.superuser = { conninfo: leaderConninfo(topology.groups[0] as Group) };
    this.leader = this.leaderOf(topology.groups[0] as Group);
    this.virtualIp = {
      conninfo: `${this.leader.conninfo} host=${config.virtualIp.address} port=${clientPorts.write} ${asClient}`,
      password,
    };
  }

  /** The application at a group's leader itself: by certificate, or by password if that is not accepted. */
  leaderOf(group: Group): Connection {
    const { user, name } = this.args.config.database;
    return { conninfo: `${leaderConninfo(group, user)} dbname=${name}`, password: this.args.password };
  }

  /**
   * A role with a password at the coordinators' leader, with nothing between but its pooler or not even that. It enters
   * the database `postgres`: from a member's address the application's may ask for a certificate.
   */
  atLeader(role: string, password: string, port: keyof Pick<typeof postgresPorts, "postgres" | "pooler">) {
    const where = `host=${this.there.member} port=${postgresPorts[port]} dbname=postgres ${asClient}`;
    return { conninfo: `${this.leader.conninfo} ${where} user=${role}`, password };
  }

  /** Its rows, each with its columns. */
  async sql(connection: Connection, sql: string): Promise<string[][]> {
    // A statement that waits for a lock blocks others.
    const patient = `SET lock_timeout = '30s';\n${sql}`;
    const text = await this.run("sql", { ...variablesOf(connection), SQL: patient }, { timeout: 300 });
    return text === ""
      ? []
      : text
          .trimEnd()
          .split("\n")
          .map((line) => line.split("|"));
  }

  async pgbench(connection: Connection, workload: Workload): Promise<Outcome> {
    return parseOutcome(
      await this.run("pgbench", {
        ...variablesOf(connection),
        SCRIPT: scriptOf(workload),
        OPTIONS: optionsOf(workload).join(" "),
        DEFINITIONS: definitionsOf(workload),
      }),
    );
  }

  /** Requests a switchover of a group with Citus; the caller checks whether it happened. */
  async switchOver(group: Group, from: string, to: string): Promise<void> {
    const name = patronictlGroup(this.args.config, group);
    await this.run("patronictl", {
      WORDS: `switchover ${name} --leader ${from} --candidate ${to} --force`,
    });
  }

  /** Makes the leader's PgBouncer close its idle connections, so that other clients find free ones. */
  async releasePool(): Promise<void> {
    await this.run("release", {}, { place: this.there });
  }

  async machine(): Promise<Machine> {
    return JSON.parse(await this.run("machine", {})) as Machine;
  }

  private run(verb: string, variables: Record<string, string>, { place = this.here, timeout = 120 } = {}) {
    return runScript(verb, {
      target: place.target,
      script,
      variables: { MEMBER: place.member, ...variables },
      timeout,
      ...(this.args.signal && { signal: this.args.signal }),
    });
  }
}

/** A member's container. */
interface Place {
  readonly member: string;
  readonly target: SshTarget;
}

function placeOf(config: ClusterConfig, { name, host }: MemberReport): Place {
  const where = config.hosts.find((each) => each.name === host) as HostConfig;
  return { member: name, target: hostTarget(config.ssh, where) };
}

const variablesOf = ({ conninfo, password = "" }: Connection) => ({
  CONNECTION: conninfo,
  PASSWORD: password,
});
