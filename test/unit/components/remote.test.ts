import { spawn } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, type TestContext, test, vi } from "vitest";
import { scriptCommand } from "../../../components/host/HostScript.ts";
import { hostTarget } from "../../../components/host/ssh.ts";
import { configIn } from "./recording.ts";
import { fakeSsh, run } from "./run.ts";

const ssh = fakeSsh();
afterAll(() => ssh.remove());

const [host] = configIn("Pulumi.dev.yaml").hosts;
if (!host) throw new Error("the lab has no host");

/** Runs a script on a host that answers as told. */
function call(told: Parameters<typeof ssh.env>[0], verb = "create", user = "root") {
  const target = hostTarget({ user }, host as NonNullable<typeof host>);
  const { interpreter, stdin } = scriptCommand({ target, script: "echo the script\n", timeout: 17 });
  return run([...interpreter, verb], { stdin, env: ssh.env(told) });
}

test.each<[string, string, string]>([
  [
    "another host key",
    "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\n@@@@@@@@@@@@\r\nHost key verification failed.\r\n",
    "its host key is not the configured one. If the host was reinstalled, put its new key (ssh-keyscan -t ed25519 ADDRESS) into the configuration; if not, another machine answers at its address (Host key verification failed.",
  ],
  [
    "a key that it does not accept",
    "root@host-1: Permission denied (publickey).\r\n",
    "it does not accept the key of user root. Add the public half of ssh.privateKeyFile to ~root/.ssh/authorized_keys, or correct ssh.user and ssh.privateKeyFile (root@host-1: Permission denied (publickey).",
  ],
  [
    "a key file that is not there",
    "no such identity: /nowhere: No such file or directory\nroot@10.0.0.10: Permission denied (publickey).\n",
    "ssh.privateKeyFile cannot be read. Correct its path; on a machine where pulumi preview of this stack has never run, run it first (root@10.0.0.10: Permission denied (publickey).",
  ],
  ...[
    "ssh: connect to host 10.0.0.10 port 22: Connection timed out",
    "ssh: connect to host 10.0.0.10 port 22: No route to host",
    "ssh: connect to host 10.0.0.10 port 22: Connection refused",
    "kex_exchange_identification: Connection closed by remote host",
  ].map((log): [string, string, string] => [
    log,
    `${log}\r\n`,
    `it cannot be reached over ssh. Check that it is up, its address and sshPort, and any firewall between (${log}`,
  ]),
])("says what to do about %s", async (_, log, message) => {
  const { status, stdout, stderr } = await call({ status: 255, log });
  expect(status).toBe(255);
  expect(stdout).toBe("");
  expect(stderr.replaceAll("\r", "")).toBe(`host-1: ${message})\n`);
});

test("says of a script without an end what to do", async () => {
  expect(await call({ status: 124 })).toEqual({
    status: 124,
    stdout: "",
    stderr: "host-1: timed out after 17 seconds; see on the host what it waits for, then run again\n",
  });
});

test("adds nothing to what a script says, whether it fails or not", async () => {
  for (const status of [0, 1, 42]) {
    expect(await call({ status, stdout: "out\n", stderr: "host-1: err\n" })).toEqual({
      status,
      stdout: "out\n",
      stderr: "host-1: err\n",
    });
  }
});

test("hands on the script over stdin, the verb as an argument", async () => {
  await call({}, "delete");
  expect(ssh.stdin()).toMatch(/^# Functions for all scripts[\s\S]*\necho the script$/);
  const args = ssh.args();
  expect(args[0]).toBe("-E");
  const target = hostTarget({ user: "root" }, host);
  expect(args.slice(2, -1)).toEqual([...target.options, target.destination]);
  expect(args.at(-1)).toMatch(/^bash -c '[^']*' delete 17 \d+ \d+$/);
});

test("becomes root by sudo where it logs in as somebody else", async () => {
  await call({}, "create", "admin");
  expect(ssh.args().at(-1)).toMatch(/^sudo -n bash -c '[^']*' create 17 \d+ \d+$/);
  expect(ssh.args()).toContain("admin@host-1");
});

test("leaves no file behind", async () => {
  const before = readdirSync(ssh.folder);
  await call({ status: 255, log: "x" });
  expect(readdirSync(ssh.folder)).toEqual(before);
});

test("says which host does not answer, where ssh itself does not", async () => {
  const log =
    "nothing answers as an ssh server at 10.0.0.10/22\nkex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535\r\n";
  const { stderr } = await call({ status: 255, log });
  expect(stderr).toContain("any firewall between (nothing answers as an ssh server at 10.0.0.10/22)\n");
});

describe.concurrent("with the host's part", { timeout: 20_000 }, () => {
  const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

  /** The command for a script, and an environment of its own, for tests run side by side. */
  function prepared({ onTestFinished }: TestContext, script: string, timeout = 17) {
    const target = hostTarget({ user: "root" }, host as NonNullable<typeof host>);
    const { interpreter, stdin } = scriptCommand({ target, script, timeout });
    const own = fakeSsh();
    onTestFinished(() => own.remove());
    const env: Record<string, string> = own.env({ status: null });
    return { command: [...interpreter, "create"], stdin, env, folder: own.folder };
  }
  const there = (context: TestContext, script: string, timeout?: number) => {
    const { command, ...options } = prepared(context, script, timeout);
    return run(command, options);
  };

  test("the script gets its arguments, and its status and output come back", async (context) => {
    const script = 'echo "$1 $# ünïcödé"; echo words >&2; cat; exit 42\n';
    expect(await there(context, script)).toEqual({
      status: 42,
      stdout: "create 3 ünïcödé\n",
      stderr: "words\n",
    });
  });

  test("the clock is this machine's when the script begins, however long the connection took", async (context) => {
    const { command, stdin, env } = prepared(context, 'echo "$2 $(date +%s)"\n');
    const { stdout } = await run(command, { stdin, env: { ...env, FAKE_DELAY: "3" } });
    const [clock, now] = stdout.trim().split(" ").map(Number) as [number, number];
    expect(Math.abs(now - clock)).toBeLessThanOrEqual(2);
  });

  test("a script larger than any pipe arrives whole", async (context) => {
    const script = `cat >/dev/null <<'END'\n${"x".repeat(2 ** 20)}\nEND\necho end\n`;
    expect((await there(context, script)).stdout).toBe("end\n");
  });

  test("a script without an end is stopped after its time", async (context) => {
    const { status, stderr } = await there(context, "sleep 30\n", 1);
    expect(status).toBe(124);
    expect(stderr).toMatch(/^host-1: timed out after 1 seconds/);
  });

  test("a script is stopped when nothing is heard of its run, though the connection stands", async (context) => {
    const { command, ...options } = prepared(context, "echo begins; sleep 10; echo ends\n");
    const silent = command.map((text) =>
      text.replace("read -r -t 15", "read -r -t 1").replace("date +%s; do sleep 1;", "date +%s; do sleep 5;"),
    );
    expect(silent).not.toEqual(command);
    const { status, stdout } = await run(silent, options);
    expect(status).not.toBe(0);
    expect(stdout).toBe("begins\n");
  });

  /** A pulumi with a plugin, which runs the command: their names are what matters. Answers the two that can be killed. */
  async function underPulumi({ command, stdin, env, folder }: ReturnType<typeof prepared>) {
    const pulumi = join(folder, "pulumi");
    copyFileSync("/bin/bash", pulumi);
    chmodSync(pulumi, 0o755);
    const plugin = 'bash -c \'"$@" <&0 & echo $! >&3; wait\' plugin "$@"; true';
    const child = spawn(pulumi, ["-c", plugin, "pulumi", ...command], {
      env: { ...process.env, ...env },
      stdio: ["pipe", "ignore", "ignore", "pipe"],
    });
    const pid = await new Promise<number>((resolve) =>
      (child.stdio[3] as NodeJS.ReadableStream).once("data", (chunk) => resolve(Number(chunk))),
    );
    child.stdin?.end(stdin);
    return { "the run": child.pid as number, "the command": pid };
  }

  // A killed command, or run, has no moment to say so: what it began ends all the same, and leaves nothing behind.
  test.for(["the run", "the command"] as const)(
    "the script ends when %s is killed",
    async (victim, context) => {
      const beats = prepared(context, `while sleep 0.1; do date +%N >"$FAKE/beat"; done\n`);
      const beat = join(beats.folder, "beat");
      const pids = await underPulumi(beats);
      await vi.waitFor(() => expect(existsSync(beat)).toBe(true), 5000);
      process.kill(pids[victim], "SIGKILL");
      await pause(2.5);
      const last = readFileSync(beat, "utf8");
      await pause(0.5);
      expect(readFileSync(beat, "utf8")).toBe(last);
      expect(readdirSync(beats.folder).toSorted()).toEqual(["args", "beat", "bin", "pulumi"]);
    },
  );

  test.for(["the run", "the command"] as const)(
    "nothing is done when %s is killed before there is a connection",
    async (victim, context) => {
      const late = prepared(context, 'touch "$FAKE/begun"\n');
      late.env.FAKE_DELAY = "2";
      const pids = await underPulumi(late);
      await vi.waitFor(() => expect(existsSync(join(late.folder, "args"))).toBe(true), 5000);
      process.kill(pids[victim], "SIGKILL");
      await pause(4);
      expect(readdirSync(late.folder).toSorted()).toEqual(["args", "bin", "pulumi"]);
    },
  );
});
