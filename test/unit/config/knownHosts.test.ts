import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findHostKey } from "../../../config/files.ts";
import { keyOf } from "./fixture.ts";

const FILE = `
# comment
10.0.0.10 ssh-rsa RSA
db-1,10.0.0.10 ${keyOf(1)} comment
10.0.0.11 ssh-rsa RSA
10.0.0.11 ecdsa-sha2-nistp256 ECDSA
[10.0.0.12]:2222 ${keyOf(3)}
10.0.0.12 ${keyOf(4)}
@revoked 10.0.0.13 ${keyOf(5)}
10.0.0.1 ${keyOf(6)}
`;

test("the key of an address, ed25519 before others", () => {
  expect(findHostKey(FILE, "10.0.0.10", 22)).toBe(keyOf(1));
  expect(findHostKey(FILE, "10.0.0.11", 22)).toBe("ecdsa-sha2-nistp256 ECDSA");
});

test("of its port, else of the address alone", () => {
  expect(findHostKey(FILE, "10.0.0.12", 2222)).toBe(keyOf(3));
  expect(findHostKey(FILE, "10.0.0.12", 22)).toBe(keyOf(4));
  expect(findHostKey(FILE, "10.0.0.10", 2222)).toBe(keyOf(1));
});

test("none that is revoked or another's", () => {
  expect(findHostKey(FILE, "10.0.0.13", 22)).toBeUndefined();
  expect(findHostKey(FILE, "10.0.0.100", 22)).toBeUndefined();
});

test("names hashed by ssh-keygen itself", () => {
  const folder = mkdtempSync(join(tmpdir(), "known-hosts-"));
  try {
    const file = join(folder, "known_hosts");
    writeFileSync(file, `10.0.0.10 ${keyOf(1)}\n[10.0.0.11]:2222 ${keyOf(2)}\n`);
    execFileSync("ssh-keygen", ["-H", "-f", file], { stdio: "ignore" });
    const hashed = readFileSync(file, "utf8");
    expect(hashed).not.toContain("10.0.0.10");
    expect(findHostKey(hashed, "10.0.0.10", 22)).toBe(keyOf(1));
    expect(findHostKey(hashed, "10.0.0.11", 2222)).toBe(keyOf(2));
    expect(findHostKey(hashed, "10.0.0.11", 22)).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
