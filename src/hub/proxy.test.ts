import { createServer, type Server } from "node:http";
import { type AddressInfo, connect as connectSocket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { refusal } from "../../test/support/refusal.js";
import { connect } from "./connection.js";
import { proxyFor } from "./proxy.js";
import { request } from "./request.js";
import { Watchdog } from "./watchdog.js";

const hub = new URL("https://huggingface.co/api");
const through = (environment: Record<string, string>, url = hub) => proxyFor(url, environment)?.href;

describe("which proxy", () => {
  it("goes by the address's scheme, small letters first, all_proxy last", () => {
    expect(through({})).toBe(undefined);
    expect(through({ HTTPS_PROXY: "http://a:1" })).toBe("http://a:1/");
    expect(through({ HTTPS_PROXY: "http://a:1", https_proxy: "http://b:2" })).toBe("http://b:2/");
    expect(through({ HTTP_PROXY: "http://a:1" })).toBe(undefined);
    expect(through({ HTTP_PROXY: "http://a:1" }, new URL("http://hub.local/"))).toBe("http://a:1/");
    expect(through({ ALL_PROXY: "http://c:3" })).toBe("http://c:3/");
    expect(through({ ALL_PROXY: "socks5://c:3", HTTPS_PROXY: "a:1" })).toBe("http://a:1/");
    expect(through({ HTTPS_PROXY: " " })).toBe(undefined);
  });

  it.each([
    ["*", true],
    ["huggingface.co", true],
    [".huggingface.co", true],
    ["*.huggingface.co", true],
    ["example.com, huggingface.co", true],
    ["co", true],
    ["HUGGINGFACE.CO:443", true],
    ["https://huggingface.co", true],
    ["http://huggingface.co", false],
    ["huggingface.co:8443", false],
    ["face.co", false],
    ["example.com", false],
    ["", false],
  ])("NO_PROXY=%s excepts huggingface.co: %s", (list, excepted) => {
    expect(through({ HTTPS_PROXY: "http://a:1", NO_PROXY: list }) === undefined).toBe(excepted);
  });

  it("excepts what lies below a host, addresses, and this machine always", () => {
    const set = { HTTPS_PROXY: "http://a:1", HTTP_PROXY: "http://a:1", no_proxy: "hf.co,10.0.0.7,fe80::1" };
    expect(through(set, new URL("https://cdn.hf.co/x"))).toBe(undefined);
    expect(through(set, new URL("https://10.0.0.7/x"))).toBe(undefined);
    expect(through(set, new URL("https://[fe80::1]/x"))).toBe(undefined);
    expect(through(set, new URL("https://10.0.0.70/x"))).toBe("http://a:1/");
    for (const own of ["http://localhost:1", "http://127.0.0.1:2", "http://[::1]:3"])
      expect(through(set, new URL(own))).toBe(undefined);
  });

  it.each(["socks5://a:1", "file:///x", "http://"])("refuses %s, without its password", async (address) => {
    const text = address.replace("//", "//user:secret@");
    const error = await refusal("INVALID_OPTION", () => proxyFor(hub, { HTTPS_PROXY: text }));
    expect(error.details.where).toBe("HTTPS_PROXY");
    expect(error.message).not.toContain("secret");
  });
});

describe("a request through a proxy", () => {
  let servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers) {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    }
    servers = [];
  });
  const listen = async (server: Server) => {
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return (server.address() as AddressInfo).port;
  };

  async function ask(status: number) {
    const target = await listen(createServer((_, response) => response.end("from the hub")));
    const asked: string[] = [];
    const proxy = createServer();
    proxy.on("connect", (incoming, socket) => {
      asked.push(`${incoming.url} ${incoming.headers["proxy-authorization"] ?? ""}`.trim());
      if (status !== 200) return socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      const onward = connectSocket(target, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        onward.pipe(socket).pipe(onward);
      });
      return onward.on("error", () => socket.destroy());
    });
    const environment = { HTTP_PROXY: `http://user:secret@127.0.0.1:${await listen(proxy)}` };
    const connection = await connect({ endpoint: "http://hub.test", token: "hf_x" }, environment);
    const watchdog = new Watchdog(undefined, 5000);
    try {
      const { response } = await request(connection, new URL("http://hub.test/file"), watchdog);
      return { asked, text: await response.text() };
    } finally {
      watchdog.dispose();
    }
  }

  it("reaches a host that this machine knows nothing of", async () => {
    const { asked, text } = await ask(200);
    expect(text).toBe("from the hub");
    const login = `Basic ${Buffer.from("user:secret").toString("base64")}`;
    expect(asked).toEqual([`hub.test:80 ${login}`]);
  });

  it("says that it is the proxy which refuses", async () => {
    await expect(ask(407)).rejects.toSatisfy(
      (error: Error) =>
        /proxy refuses.*407.*HTTPS_PROXY/.test(error.message) && !error.message.includes("secret"),
    );
  });
});
