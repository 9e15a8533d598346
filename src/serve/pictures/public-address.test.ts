import { describe, expect, it } from "vitest";
import { isPublicAddress } from "./public-address.js";

// IANA's special-purpose registries, and the metadata services of the large clouds.
const refused = [
  "0.0.0.0",
  "0.1.2.3",
  "10.0.0.1",
  "10.255.255.255",
  "100.64.0.1",
  "100.100.100.200", // Alibaba's metadata service
  "127.0.0.1",
  "127.255.255.254",
  "169.254.169.254", // metadata service of most clouds
  "169.254.170.2",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.192", // Oracle's metadata service
  "192.0.2.1",
  "192.88.99.1",
  "192.168.0.1",
  "198.18.0.1",
  "198.51.100.1",
  "203.0.113.1",
  "224.0.0.1",
  "240.0.0.1",
  "255.255.255.255",
  "::",
  "::1",
  "::ffff:127.0.0.1",
  "::ffff:10.0.0.1",
  "::ffff:8.8.8.8",
  "::127.0.0.1",
  "64:ff9b::7f00:1",
  "64:ff9b:1::1",
  "100::1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "2002:a00:1::1",
  "3fff::1",
  "5f00::1",
  "fc00::1",
  "fd00:ec2::254", // Amazon's metadata service
  "fe80::1",
  "fec0::1",
  "ff02::1",
  "",
  "localhost",
  "1.2.3",
];

const taken = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::1"];

describe("public addresses", () => {
  it.each(refused)("%s is none", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(taken)("%s is one", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});
