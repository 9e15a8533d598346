import { PrumergeError } from "../errors.js";
import type { Environment } from "./environment.js";

/**
 * The proxy for an address: `https_proxy` or `http_proxy` by its scheme, else `all_proxy`; capital letters do too, small ones
 * come first. `no_proxy` excepts hosts, with what lies below them. This machine is never asked through a proxy.
 *
 * @throws PrumergeError `INVALID_OPTION` for what is no http or https proxy; its password is not part of the message.
 */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const given = (name: string) =>
    environment[name]?.trim() || environment[name.toUpperCase()]?.trim() || undefined;
  const scheme = url.protocol === "https:" ? "https_proxy" : "http_proxy";
  const name = given(scheme) === undefined ? "all_proxy" : scheme;
  const text = given(name);
  if (text === undefined || isThisMachine(url) || isExcepted(url, given("no_proxy") ?? "")) return undefined;
  const address = text.includes("://") ? text : `http://${text}`;
  const proxy = URL.canParse(address) ? new URL(address) : undefined;
  if (proxy?.protocol === "http:" || proxy?.protocol === "https:") return proxy;
  throw new PrumergeError("INVALID_OPTION", "this proxy cannot be used", {
    where: name.toUpperCase(),
    expected: "http://HOST:PORT or https://HOST:PORT",
    found: proxy === undefined ? "no address" : proxy.protocol.slice(0, -1),
    help: "NO_PROXY=huggingface.co,.hf.co goes without",
  });
}

/** Whether an address is on this machine. */
export function isThisMachine(url: URL): boolean {
  return url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d+){3}$/.test(url.hostname);
}

function isExcepted(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return list.split(/[,\s]+/).some((entry) => {
    if (entry === "*") return true;
    const [, scheme, host = "", wanted] =
      /^(?:(\w+):\/\/)?(\[[^\]]*\]|[^:]*|[0-9a-f:]+)(?::(\d+))?$/i.exec(entry.toLowerCase()) ?? [];
    if (host === "" || (wanted !== undefined && wanted !== port)) return false;
    if (scheme !== undefined && scheme !== "all" && `${scheme}:` !== url.protocol) return false;
    const { hostname } = url;
    const below = `.${host.replace(/^\*?\.?/, "")}`;
    return (
      hostname === host || hostname === `[${host}]` || hostname.endsWith(below) || hostname === below.slice(1)
    );
  });
}
