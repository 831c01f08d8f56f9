/** Sizes and IPv4 ranges, as settings and Docker write them. */

import ipaddr from "ipaddr.js";

const { IPv4 } = ipaddr;

const UNITS = ["B", "KB", "MB", "GB", "TB"];
const SIZE = /^(\d+(?:\.\d+)?) ?([KMGT]i?B|[KMGT]|B)$/i;

/** Bytes of a size such as `512MB`, `1.5GiB` or `1TB`, or undefined. Both spellings are binary units, as in Docker. */
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

/** Whether a text is an IPv4 address. Leading zeros are refused: some programs read them as octal. */
export function isAddress(text: string): boolean {
  return IPv4.isValidFourPartDecimal(text);
}

/** The subnet, such as `10.0.1.0/26`, that an `address/prefix` is in, or undefined. */
export function enclosingSubnet(text: string): string | undefined {
  if (!IPv4.isValidCIDRFourPartDecimal(text)) return undefined;
  return `${networkAddress(text)}/${prefixOf(text)}`;
}

export function networkAddress(subnet: string): string {
  return IPv4.networkAddressFromCIDR(subnet).toString();
}

export function broadcastAddress(subnet: string): string {
  return IPv4.broadcastAddressFromCIDR(subnet).toString();
}

export function contains(subnet: string, address: string): boolean {
  return IPv4.parse(address).match(IPv4.parseCIDR(subnet));
}

export function overlaps(a: string, b: string): boolean {
  return contains(a, networkAddress(b)) || contains(b, networkAddress(a));
}

export function prefixOf(subnet: string): number {
  return IPv4.parseCIDR(subnet)[1];
}

/** How many addresses members can have: all but the network's own and the broadcast address. */
export function usableAddresses(subnet: string): number {
  return Math.max(0, 2 ** (32 - prefixOf(subnet)) - 2);
}

/** The longest prefix whose subnet has at least that many usable addresses. */
export function prefixFor(addresses: number): number {
  return 32 - Math.ceil(Math.log2(addresses + 2));
}
