/** IPv4 arithmetic on plain numbers: an address is an unsigned 32-bit integer. */

export interface Subnet {
  /** The network's own address. */
  readonly first: number;
  /** The broadcast address. */
  readonly last: number;
  readonly prefix: number;
}

const OCTET = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const ADDRESS = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`);

/** The number of a dotted quad, or undefined. Leading zeros are refused: some programs read them as octal. */
export function parseAddress(text: string): number | undefined {
  const match = ADDRESS.exec(text);
  return match?.slice(1).reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join(".");
}

/** The subnet of `address/prefix`, whose address may be any within it, or undefined. */
export function enclosingSubnet(text: string): Subnet | undefined {
  const [head = "", tail = "", ...rest] = text.split("/");
  const address = parseAddress(head);
  if (address === undefined || rest.length > 0 || !/^\d{1,2}$/.test(tail) || Number(tail) > 32)
    return undefined;
  const prefix = Number(tail);
  const size = 2 ** (32 - prefix);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1, prefix };
}

/** As `enclosingSubnet`, but the address must be the network's own. */
export function parseSubnet(text: string): Subnet | undefined {
  const subnet = enclosingSubnet(text);
  return subnet && text.startsWith(`${formatAddress(subnet.first)}/`) ? subnet : undefined;
}

export function formatSubnet(subnet: Subnet): string {
  return `${formatAddress(subnet.first)}/${subnet.prefix}`;
}

export function overlaps(a: Subnet, b: Subnet): boolean {
  return a.first <= b.last && b.first <= a.last;
}

/** How many addresses members can have: all but the network's own and the broadcast address. */
export function usableAddresses(subnet: Subnet): number {
  return Math.max(0, subnet.last - subnet.first - 1);
}

/** The longest prefix whose subnet has at least that many usable addresses. */
export function prefixFor(addresses: number): number {
  return 32 - Math.ceil(Math.log2(addresses + 2));
}
