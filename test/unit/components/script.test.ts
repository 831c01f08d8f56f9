import { expect, test } from "vitest";
import { scriptCommand } from "../../../components/host/HostScript.ts";
import type { SshTarget } from "../../../components/host/ssh.ts";
import { run } from "./run.ts";

const target: SshTarget = { label: "host-1", user: "root", destination: "root@host-1", options: [] };
const command = (variables: Record<string, string>, script: string) =>
  scriptCommand({ target, script, variables });

const nasty = [
  "",
  "plain",
  " two  words ",
  "'",
  "''",
  "'\\''",
  '"double"',
  "$HOME $(echo run) `echo run`",
  "back\\slash\\",
  "one\ntwo\n\nthree",
  "trailing newline\n",
  "\n",
  "a\tb\r\nc",
  "'; echo run; '",
  "!event *glob? [a-z] {a,b} ~ #comment",
  "-n -e \\n %s %d",
  "ünïcödé ✓ 🐘",
  "EOF\nSQL\n",
];

/** Texts made of the characters that shells care about; the same ones every time. */
function* random(count: number): Generator<string> {
  const alphabet = [..."'\"$`\\\n\t ;&|<>(){}[]*?!#~%=-aZ0é"];
  let seed = 20260101;
  const next = (below: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let index = 0; index < count; index++) {
    yield Array.from({ length: next(40) }, () => alphabet[next(alphabet.length)]).join("");
  }
}

test("variables arrive as they are, whatever is in them", async () => {
  const values = [...nasty, ...random(300)];
  const variables = Object.fromEntries(values.map((value, index) => [`V${index}`, value]));
  const script = `${values.map((_, index) => `printf '%s\\0' "$V${index}"`).join("\n")}\nexit 0\n`;
  const { stdin } = command(variables, script);
  const { status, stdout, stderr } = await run(["bash", "-s", "--", "create"], { stdin });
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(stdout.split("\0").slice(0, -1)).toEqual(values);
});

test("a script stops at its first failure, an unset variable included", async () => {
  const stops = async (script: string) => {
    const { status, stdout } = await run(["bash", "-s"], { stdin: command({}, script).stdin });
    expect(status).not.toBe(0);
    expect(stdout).toBe("before\n");
  };
  await stops("echo before\nfalse\necho after\n");
  await stops("echo before\nfalse | cat\necho after\n");
  await stops('echo before\necho "$UNSET"\necho after\n');
});

test("fail names the host", async () => {
  const { stdin } = command({ HOST: "host-7" }, 'fail "it cannot"\n');
  expect(await run(["bash", "-s"], { stdin })).toEqual({
    status: 1,
    stdout: "",
    stderr: "host-7: it cannot\n",
  });
});

test("retry gives up after its time, with the last words of the command", async () => {
  const script = 'HOST=h\nn=0\ncount() { n=$((n + 1)); echo "try"; false; }\nretry 1 count || fail "no"\n';
  const { status, stderr } = await run(["bash", "-s"], { stdin: command({}, script).stdin });
  expect(status).toBe(1);
  expect(stderr).toBe("try\nh: no\n");
});

test("retry ends with the first success, and says nothing", async () => {
  const script = 'retry 30 test -n "$VALUE"\necho ended\n';
  const { stdin } = command({ VALUE: "x" }, script);
  expect(await run(["bash", "-s"], { stdin })).toEqual({ status: 0, stdout: "ended\n", stderr: "" });
});

test("nothing of a variable or a script is in the command line", () => {
  const { interpreter } = command({ PASSWORD: "hunter2" }, "echo here\n");
  expect(interpreter.join("\0")).not.toMatch(/hunter2|PASSWORD|echo here/);
  const all = scriptCommand({ target: { ...target, options: ["-o", "A=b"] }, script: "", timeout: 7 });
  expect(all.interpreter.slice(3)).toEqual(["host-1", "7", "root", "-o", "A=b", "root@host-1"]);
});
