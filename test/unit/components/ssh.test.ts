import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";
import { hostTarget, managerTarget, prepare } from "../../../components/host/ssh.ts";
import type { HostConfig, SshConfig } from "../../../config/ClusterConfig.ts";
import { configIn } from "./recording.ts";
import { run } from "./run.ts";

const { hosts } = configIn("Pulumi.dev.yaml");
const ssh = { user: "root", privateKeyFile: "/here/key" };
const [first, second, third] = hosts as [HostConfig, HostConfig, HostConfig];

const home = userInfo().homedir;

/** The value of `-o NAME=…`. */
function settingOf(options: readonly string[], name: string): string {
  const found = options.filter((option) => option.startsWith(`${name}=`));
  expect(found, name).toHaveLength(1);
  return (found[0] as string).slice(name.length + 1);
}

test("every option stands behind its -o", () => {
  for (const { options } of [hostTarget(ssh, first), managerTarget(ssh, hosts)]) {
    for (const [index, option] of options.entries()) {
      expect(index % 2 === 0 ? option === "-o" : /^[A-Za-z]+=/.test(option), option).toBe(true);
    }
  }
});

test("one host: its own address and port, its own key only", () => {
  const target = hostTarget(ssh, { ...first, sshPort: 2222 });
  expect(target).toMatchObject({ label: "host-1", user: "root", destination: "root@host-1" });
  const values = target.options.filter((option) => option !== "-o");
  expect(values).toEqual([
    "BatchMode=yes",
    "ConnectTimeout=40",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "StrictHostKeyChecking=yes",
    "UserKnownHostsFile=/dev/null",
    "GlobalKnownHostsFile=/dev/null",
    "HostKeyAlias=host-1",
    `KnownHostsCommand=/usr/bin/printf 'host-1 ${first.hostKey}\\n'`,
    expect.stringMatching(/^ProxyCommand=bash -c '[^'%\n]*' connect 10\.0\.0\.10\/2222$/),
    "IdentitiesOnly=yes",
    expect.stringMatching(/^IdentityFile=~\/\.ssh\/postgres-cluster-[0-9a-f]{12}\.key$/),
  ]);
});

test("without a key file the choice is ssh's own", () => {
  const { options } = hostTarget({ user: "admin" }, first);
  expect(options.join(" ")).not.toMatch(/Identit/);
});

test("any manager: every host's key counts under one name", async () => {
  const target = managerTarget(ssh, hosts);
  const alias = settingOf(target.options, "HostKeyAlias");
  expect(target.destination).toBe(`root@${alias}`);
  expect(alias).toMatch(/^manager-[0-9a-f]{12}$/);
  const { stdout } = await run(["sh", "-c", settingOf(target.options, "KnownHostsCommand")]);
  expect(stdout).toBe(hosts.map(({ hostKey }) => `${alias} ${hostKey}\n`).join(""));
});

test("any manager: the name and the shared connection are these hosts' only", () => {
  const path = (config: SshConfig, of: readonly HostConfig[]) =>
    settingOf(managerTarget(config, of).options, "ControlPath");
  expect(path(ssh, hosts)).toBe(path(ssh, [...hosts]));
  const others = [
    path(ssh, [first, second]),
    path(ssh, [second, first, third]),
    path({ user: "admin" }, hosts),
    path(ssh, [{ ...first, hostKey: third.hostKey }, second, third]),
  ];
  expect(new Set([path(ssh, hosts), ...others]).size).toBe(5);
});

test("ssh itself understands all of it", async () => {
  for (const { options, destination } of [hostTarget(ssh, first), managerTarget(ssh, hosts)]) {
    const { status, stdout, stderr } = await run(["ssh", "-T", "-G", "-F", "none", ...options, destination]);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    const lines = stdout.split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        "stricthostkeychecking true",
        "userknownhostsfile /dev/null",
        "globalknownhostsfile /dev/null",
        `knownhostscommand ${settingOf(options, "KnownHostsCommand")}`,
        "batchmode yes",
        "identitiesonly yes",
      ]),
    );
  }
});

test("where the key lies here is in no option, so that every machine has the same state", () => {
  const elsewhere = { ...ssh, privateKeyFile: "/elsewhere/key" };
  expect(hostTarget(elsewhere, first).options).toEqual(hostTarget(ssh, first).options);
  expect(managerTarget(elsewhere, hosts).options).toEqual(managerTarget(ssh, hosts).options);
  expect(JSON.stringify(managerTarget(elsewhere, hosts).options)).not.toContain("elsewhere");
});

test("the link that the options name leads to the key, also to another one afterwards", async () => {
  const folder = join(home, ".ssh");
  for (const file of ["/here/key", "/here/key", "/there/key"]) {
    for (const target of [
      hostTarget({ ...ssh, privateKeyFile: file }, first),
      managerTarget({ ...ssh, privateKeyFile: file }, hosts),
    ]) {
      prepare(target);
      const link = settingOf(target.options, "IdentityFile").replace(/^~/, home);
      expect(readlinkSync(link)).toBe(file);
    }
  }
  expect(readdirSync(folder)).toHaveLength(2);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
});

describe("the way to any manager", () => {
  const closers: (() => void)[] = [];
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  const listening = (server: Server, host: string) =>
    new Promise<number>((resolve) => {
      server.listen(0, host, () => resolve((server.address() as { port: number }).port));
    });

  /** A host that greets like sshd and sends back what it gets. */
  async function alive(address: string, name: string) {
    const sockets: Socket[] = [];
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      socket.write(`SSH-2.0-${name}\r\n`);
      socket.pipe(socket);
    });
    const port = await listening(server, address);
    closers.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return { address, port };
  }

  /** A host without sshd. */
  async function refusing(address: string) {
    const server = createServer();
    const port = await listening(server, address);
    await new Promise((resolve) => server.close(resolve));
    return { address, port };
  }

  /** A host that has lost its power: nothing answers, not even with a refusal. */
  async function silent(address: string) {
    // A process that accepts nothing, with a queue of connections that is full: the kernel drops what comes then.
    const child: ChildProcess = spawn(process.execPath, [
      "-e",
      `require("net").createServer().listen({ port: 0, host: "${address}", backlog: 1 }, function () { console.log(this.address().port) })`,
    ]);
    closers.push(() => child.kill("SIGKILL"));
    const port = await new Promise<number>((resolve) =>
      child.stdout?.once("data", (chunk) => resolve(Number(chunk))),
    );
    child.kill("SIGSTOP");
    const full = () =>
      new Promise<boolean>((resolve) => {
        const socket = connect({ host: address, port });
        const timer = setTimeout(() => resolve(true), 300);
        socket.on("error", () => {});
        socket.on("connect", () => {
          clearTimeout(timer);
          resolve(false);
        });
        closers.push(() => socket.destroy());
      });
    for (let tries = 0; !(await full()); tries++) {
      if (tries > 10) throw new Error("the queue does not fill");
    }
    return { address, port };
  }

  /** As ssh runs its proxy command. */
  function go(places: readonly { address: string; port: number }[], env: Record<string, string> = {}) {
    const targets = places.map(({ address, port }): HostConfig => ({ ...first, address, sshPort: port }));
    const { options } = managerTarget(ssh, targets);
    const child = spawn("/bin/sh", ["-c", `exec ${settingOf(options, "ProxyCommand")}`], {
      detached: true,
      env: { ...process.env, ...env },
    });
    closers.push(() => {
      try {
        process.kill(-(child.pid as number), "SIGKILL");
      } catch {
        // It has ended.
      }
    });
    return child;
  }

  const heard = (child: ReturnType<typeof go>, text: string) =>
    new Promise<string>((resolve) => {
      let all = "";
      child.stdout.on("data", (chunk) => {
        all += chunk;
        if (all.includes(text)) resolve(all);
      });
    });

  test.each([
    ["is the first host", [], 1],
    ["passes a host that refuses", [refusing], 1],
    ["passes a host that is silent, after two seconds", [silent], 4],
    ["passes all but the last", [silent, refusing], 4],
  ] as const)("%s", async (_, lost, limit) => {
    const started = Date.now();
    const places = await Promise.all(lost.map((make, index) => make(`127.0.0.${index + 2}`)));
    const prepared = Date.now();
    const last = await alive("127.0.0.9", "last");
    const child = go([...places, last, await alive("127.0.0.10", "other")]);
    child.stdin.write("to and fro\n");
    expect(await heard(child, "fro")).toBe("SSH-2.0-last\r\nto and fro\n");
    expect(Date.now() - prepared).toBeLessThan(limit * 1000);
    expect(prepared - started).toBeLessThan(5000);
  });

  test("tries a host again that drops connections before it greets, and takes no other", async () => {
    let dropped = 0;
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => {});
      if (dropped < 3) {
        dropped += 1;
        // sshd ends some with words, some without.
        socket.end(dropped === 2 ? "Exceeded MaxStartups\r\n" : "");
      } else {
        closers.push(() => socket.destroy());
        socket.write("SSH-2.0-busy\r\n");
        socket.pipe(socket);
      }
    });
    const port = await listening(server, "127.0.0.2");
    closers.push(() => server.close());
    const child = go([{ address: "127.0.0.2", port }, await alive("127.0.0.9", "other")]);
    child.stdin.write("to and fro\n");
    expect(await heard(child, "fro")).toBe("SSH-2.0-busy\r\nto and fro\n");
    expect(dropped).toBe(3);
  });

  // run-over-ssh.sh keeps the file for as long as it lives.
  test("gives up when the file for its words is gone, and does not make it again", async () => {
    let dropped = 0;
    const words = join(home, "words");
    writeFileSync(words, "");
    const server = createServer((socket) => {
      dropped += 1;
      rmSync(words, { force: true });
      socket.on("error", () => {}).destroy();
    });
    const port = await listening(server, "127.0.0.2");
    closers.push(() => server.close());
    const child = go([{ address: "127.0.0.2", port }], { SSH_WORDS: words });
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(1);
    expect(dropped).toBe(1);
    expect(existsSync(words)).toBe(false);
  });

  // ssh that gives up on a host, for its key, hangs up; one that is killed says nothing.
  test.each(["SIGHUP", undefined] as const)(
    "opens one connection, which ends with ssh, whose goodbye is %s",
    async (goodbye) => {
      let [opened, closed, carried] = [0, 0, false];
      const server = createServer({ allowHalfOpen: true }, (socket) => {
        opened += 1;
        socket.on("error", () => {});
        socket.on("end", () => {
          closed += 1;
        });
        socket.on("data", () => {
          carried = true;
        });
        socket.write("SSH-2.0-x\r\n");
        closers.push(() => socket.destroy());
      });
      const port = await listening(server, "127.0.0.2");
      closers.push(() => server.close());
      const child = go([{ address: "127.0.0.2", port }]);
      await heard(child, "SSH");
      child.stdin.write("a word\n");
      await vi.waitFor(() => expect(carried).toBe(true), 3000);
      expect([opened, closed]).toEqual([1, 0]);
      if (goodbye) child.kill(goodbye);
      child.stdin.end();
      await vi.waitFor(() => expect([opened, closed]).toEqual([1, 1]), 3000);
    },
  );

  test("carries a megabyte of any bytes both ways", async () => {
    const child = go([await refusing("127.0.0.2"), await alive("127.0.0.9", "x")]);
    const data = Buffer.from(Array.from({ length: 2 ** 20 }, (_, index) => (index * 7919) % 256));
    const parts: Buffer[] = [];
    const all = new Promise<Buffer>((resolve) => {
      child.stdout.on("data", (chunk: Buffer) => {
        parts.push(chunk);
        const got = Buffer.concat(parts);
        if (got.length >= data.length + 11) resolve(got);
      });
    });
    child.stdin.write(data);
    expect((await all).subarray(11).equals(data)).toBe(true);
  });

  test("ends with a message that names every host when none answers", async () => {
    const places = [await refusing("127.0.0.2"), await refusing("127.0.0.3")];
    const child = go(places);
    let words = "";
    child.stderr.on("data", (chunk) => {
      words += chunk;
    });
    const status = await new Promise((resolve) => child.on("close", resolve));
    expect(status).toBe(1);
    const names = places.map(({ address, port }) => `${address}/${port}`).join(" ");
    expect(words).toBe(`nothing answers as an ssh server at ${names}\n`);
  });
});
