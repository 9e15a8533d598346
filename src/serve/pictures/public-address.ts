import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/**
 * Whether an IP address is one of the public internet's: not private, loopback, link-local (cloud metadata included),
 * multicast, reserved, or one of IPv6's ways to write an IPv4 address (mapped, 6to4, Teredo, NAT64).
 */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false; // ipaddr.js takes `127.1` for an address as well
  const parsed = ipaddr.parse(address);
  return parsed.range() === "unicast" && (parsed.kind() === "ipv4" || isGlobalUnicast(parsed as ipaddr.IPv6));
}

/** IPv6 hands out 2000::/3 alone; whatever else has no name is none of the internet's either. */
function isGlobalUnicast(address: ipaddr.IPv6): boolean {
  return address.match(ipaddr.IPv6.parse("2000::"), 3);
}
