import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, test, vi } from "vitest";
import { expiryWarning, warnBeforeExpiry } from "../../../components/security/expiry.ts";

const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
afterEach(() => warn.mockClear());

const warning = (now: string) =>
  expiryWarning("the certificate of coord-1", "2027-03-01T12:00:00Z", 60, new Date(now));

test("a certificate is warned of in its last days, and after its end", () => {
  expect(warning("2026-12-31T11:00:00Z")).toBeUndefined();
  expect(warning("2026-12-31T13:00:00Z")).toBe(
    "the certificate of coord-1 ends on 2027-03-01, 59 days from now",
  );
  expect(warning("2027-03-03T12:00:00Z")).toBe("the certificate of coord-1 ended on 2027-03-01, 2 days ago");
});

test.each([
  [30, ["the certificate authority ends on DATE, 30 days from now: replace it"]],
  [400, []],
])("a run whose authority ends in %i days", async (days, warnings) => {
  const end = new Date(Date.now() + (days + 0.5) * 24 * 60 * 60 * 1000).toISOString();
  const authority = { validityEndTime: pulumi.output(end) } as Parameters<typeof warnBeforeExpiry>[0];
  warnBeforeExpiry(authority, { what: "the certificate authority", days: 365, cure: "replace it" });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(warn.mock.calls.map(([text]) => text)).toEqual(
    warnings.map((text) => text.replace("DATE", end.slice(0, 10))),
  );
});
