import { describe, expect, test } from "vitest";
import {
  enclosingSubnet,
  formatAddress,
  formatSubnet,
  overlaps,
  parseAddress,
  parseSubnet,
  prefixFor,
  usableAddresses,
} from "../../../config/ipv4.ts";
import { nearest } from "../../../config/nearest.ts";
import { formatSize, parseSize } from "../../../config/size.ts";

const subnet = (text: string) => parseSubnet(text) ?? expect.fail(`${text} is no subnet`);

describe("IPv4", () => {
  test("addresses", () => {
    expect(parseAddress("10.0.0.10")).toBe(0x0a00000a);
    expect(parseAddress("255.255.255.255")).toBe(0xffffffff);
    for (const wrong of [
      "",
      "10.0.0",
      "10.0.0.0.1",
      "10.0.0.256",
      "10.0.0.01",
      " 10.0.0.1",
      "::1",
      "10.0.0.1/24",
    ]) {
      expect(parseAddress(wrong), wrong).toBeUndefined();
    }
    expect(formatAddress(0xc0a80701)).toBe("192.168.7.1");
  });

  test("subnets", () => {
    expect(subnet("10.0.1.64/26")).toEqual({ first: 0x0a000140, last: 0x0a00017f, prefix: 26 });
    expect(subnet("0.0.0.0/0")).toEqual({ first: 0, last: 0xffffffff, prefix: 0 });
    for (const wrong of [
      "10.0.1.1/26",
      "10.0.1.0",
      "10.0.1.0/33",
      "10.0.1.0/",
      "10.0.1.0/26/1",
      "10.0.1.0/-1",
    ]) {
      expect(parseSubnet(wrong), wrong).toBeUndefined();
    }
    expect(enclosingSubnet("200.0.1.130/26")).toEqual(subnet("200.0.1.128/26"));
    expect(formatSubnet(subnet("200.0.1.128/26"))).toBe("200.0.1.128/26");
  });

  test("overlaps", () => {
    expect(overlaps(subnet("10.0.1.0/26"), subnet("10.0.1.64/26"))).toBe(false);
    expect(overlaps(subnet("10.0.1.0/25"), subnet("10.0.1.64/26"))).toBe(true);
    expect(overlaps(subnet("10.0.1.64/26"), subnet("10.0.0.0/16"))).toBe(true);
  });

  test("room", () => {
    expect([24, 26, 29, 30, 31, 32].map((prefix) => usableAddresses(subnet(`10.0.0.0/${prefix}`)))).toEqual([
      254, 62, 6, 2, 0, 0,
    ]);
    for (let count = 1; count < 300; count++) {
      const prefix = prefixFor(count);
      expect(usableAddresses(subnet(`10.0.0.0/${prefix}`))).toBeGreaterThanOrEqual(count);
      expect(usableAddresses(subnet(`10.0.0.0/${prefix + 1}`))).toBeLessThan(count);
    }
  });
});

describe("sizes", () => {
  test.each([
    ["512MB", 512 * 2 ** 20],
    ["8GB", 8 * 2 ** 30],
    ["8GiB", 8 * 2 ** 30],
    ["8g", 8 * 2 ** 30],
    ["1.5 GB", 1.5 * 2 ** 30],
    ["16kB", 16384],
    ["1TB", 2 ** 40],
    ["42B", 42],
  ])("%s", (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each(["", "8", "GB", "-1GB", "1e3MB", "8GBit", "8PB", "8 GB "])("%j is none", (text) =>
    expect(parseSize(text)).toBeUndefined(),
  );

  test("are shown in the largest unit", () => {
    expect([0, 42, 16384, 512 * 2 ** 20, 41.5 * 2 ** 30, 2 ** 40].map(formatSize)).toEqual([
      "0B",
      "42B",
      "16KB",
      "512MB",
      "41.5GB",
      "1TB",
    ]);
  });
});

describe("nearest", () => {
  const keys = ["name", "address", "sshPort", "hostKey"];
  test("finds what a typing mistake meant", () => {
    expect(nearest("adress", keys)).toBe("address");
    expect(nearest("sshport", keys)).toBe("sshPort");
    expect(nearest("naem", keys)).toBeUndefined();
    expect(nearest("nam", keys)).toBe("name");
    expect(nearest("password", keys)).toBeUndefined();
  });
  test("does not choose between equals", () =>
    expect(nearest("host-9", ["host-1", "host-2"])).toBeUndefined());
});
