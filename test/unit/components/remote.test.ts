import { readdirSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
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
    "its host key is not the configured one. If the host was reinstalled, put its new key (ssh-keyscan -t ed25519 ADDRESS) into the configuration; if not, somebody else answers at its address (Host key verification failed.",
  ],
  [
    "a key that it does not accept",
    "root@host-1: Permission denied (publickey).\r\n",
    "it does not accept the key of user root. Add the public half of ssh.privateKeyFile to ~root/.ssh/authorized_keys, or correct ssh.user and ssh.privateKeyFile (root@host-1: Permission denied (publickey).",
  ],
  [
    "a key file that is not there",
    "no such identity: /nowhere: No such file or directory\nroot@10.0.0.10: Permission denied (publickey).\n",
    "ssh.privateKeyFile cannot be read. Correct its path (root@10.0.0.10: Permission denied (publickey).",
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
    stderr: "host-1: no end after 17 seconds; see what it waits for on the host, then run again\n",
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

test("hands on the script over stdin, the verb and the clock as arguments", async () => {
  const started = Math.floor(Date.now() / 1000);
  await call({}, "delete");
  expect(ssh.stdin()).toMatch(/^# Shared by every script[\s\S]*\necho the script\n$/);
  const args = ssh.args();
  expect(args[0]).toBe("-E");
  const target = hostTarget({ user: "root" }, host);
  expect(args.slice(2, -1)).toEqual([...target.options, target.destination]);
  const [, verb, clock] = /^timeout 17 bash -s -- (\w+) (\d+)$/.exec(args.at(-1) ?? "") ?? [];
  expect(verb).toBe("delete");
  expect(Number(clock) - started).toBeGreaterThanOrEqual(0);
  expect(Number(clock) - started).toBeLessThan(10);
});

test("becomes root by sudo where it logs in as somebody else", async () => {
  await call({}, "create", "admin");
  expect(ssh.args().at(-1)).toMatch(/^sudo -n timeout 17 bash -s -- create \d+$/);
  expect(ssh.args()).toContain("admin@host-1");
});

test("leaves no file behind", async () => {
  const before = readdirSync(ssh.folder);
  await call({ status: 255, log: "x" });
  expect(readdirSync(ssh.folder)).toEqual(before);
});
