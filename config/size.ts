/** Sizes as Docker writes them: units are binary with either spelling, so 8GB and 8GiB are both 8 * 2^30 bytes. */

const UNITS = ["B", "KB", "MB", "GB", "TB"];
const SIZE = /^(\d+(?:\.\d+)?) ?([KMGT]i?B|[KMGT]|B)$/i;

/** Bytes of a size such as `512MB`, `1.5GiB` or `1TB`, or undefined. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit = ""] = SIZE.exec(text) ?? [];
  if (amount === undefined) return undefined;
  return Math.round(Number(amount) * 1024 ** UNITS.findIndex((name) => name[0] === unit[0]?.toUpperCase()));
}

/** The shortest exact or two-decimal form, for messages: 8589934592 is `8GB`. */
export function formatSize(bytes: number): string {
  const power = Math.min(4, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${Number((bytes / 1024 ** power).toFixed(2))}${UNITS[power]}`;
}
