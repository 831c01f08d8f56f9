import { describe, expect, test } from "vitest";
import { nearest } from "../../../config/errors.ts";
import {
  broadcastAddress,
  contains,
  enclosingSubnet,
  formatSize,
  isAddress,
  networkAddress,
  overlaps,
  parseSize,
  prefixFor,
  usableAddresses,
} from "../../../config/units.ts";

describe("IPv4", () => {
  test("addresses", () => {
    expect(isAddress("10.0.0.10")).toBe(true);
    expect(isAddress("255.255.255.255")).toBe(true);
    for (const wrong of [
      "",
      "10.0.0",
      "10.0.0.0.1",
      "10.0.0.256",
      "10.0.0.01",
      "0x0a.0.0.1",
      " 10.0.0.1",
      "::1",
      "10.0.0.1/24",
    ]) {
      expect(isAddress(wrong), wrong).toBe(false);
    }
  });

  test("subnets", () => {
    expect(networkAddress("10.0.1.64/26")).toBe("10.0.1.64");
    expect(broadcastAddress("10.0.1.64/26")).toBe("10.0.1.127");
    expect(broadcastAddress("0.0.0.0/0")).toBe("255.255.255.255");
    for (const itself of ["10.0.1.64/26", "0.0.0.0/0", "200.0.1.128/26", "10.0.0.7/32"]) {
      expect(enclosingSubnet(itself)).toBe(itself);
    }
    expect(enclosingSubnet("10.0.1.1/26")).toBe("10.0.1.0/26");
    expect(enclosingSubnet("200.0.1.130/26")).toBe("200.0.1.128/26");
    expect(enclosingSubnet("10.0.0.0/08")).toBe("10.0.0.0/8");
    for (const wrong of [
      "10.0.1.0",
      "10.0.01.0/26",
      "10.0.1.0/33",
      "10.0.1.0/",
      "10.0.1.0/26/1",
      "10.0.1.0/-1",
      "fc00::/7",
    ]) {
      expect(enclosingSubnet(wrong), wrong).toBeUndefined();
    }
  });

  test("addresses within subnets", () => {
    expect(contains("10.0.1.64/26", "10.0.1.64")).toBe(true);
    expect(contains("10.0.1.64/26", "10.0.1.127")).toBe(true);
    expect(contains("10.0.1.64/26", "10.0.1.128")).toBe(false);
    expect(contains("10.0.1.64/26", "10.0.1.63")).toBe(false);
  });

  test("overlaps", () => {
    expect(overlaps("10.0.1.0/26", "10.0.1.64/26")).toBe(false);
    expect(overlaps("10.0.1.0/25", "10.0.1.64/26")).toBe(true);
    expect(overlaps("10.0.1.64/26", "10.0.0.0/16")).toBe(true);
  });

  test("room", () => {
    expect([24, 26, 29, 30, 31, 32].map((prefix) => usableAddresses(`10.0.0.0/${prefix}`))).toEqual([
      254, 62, 6, 2, 0, 0,
    ]);
    for (let count = 1; count < 300; count++) {
      const prefix = prefixFor(count);
      expect(usableAddresses(`10.0.0.0/${prefix}`)).toBeGreaterThanOrEqual(count);
      expect(usableAddresses(`10.0.0.0/${prefix + 1}`)).toBeLessThan(count);
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
