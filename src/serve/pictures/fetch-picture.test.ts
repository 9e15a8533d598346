import { readFileSync } from "node:fs";
import { createServer as createPlainServer, type RequestListener, type Server } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { samplePath } from "../../model/find-folder.js";
import { type FetchOptions, pictureFetcher, type Resolve } from "./fetch-picture.js";

const fixture = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/serve/picture-host.${name}.pem`, import.meta.url), "utf8");
const ca = fixture("cert");
const png = readFileSync(samplePath("sample_2.png"));
const limits = { fetchMilliseconds: 2000, pictureBytes: 100_000 };
const asked: string[] = [];

const listener: RequestListener = (request, response) => {
  const { pathname, searchParams } = new URL(request.url!, "http://x");
  asked.push(`${request.headers.host?.split(":")[0]}${pathname}`);
  const to = searchParams.get("to");
  if (to !== null) return void response.writeHead(302, { location: to }).end();
  const bodies: Record<string, () => void> = {
    "/picture": () => response.writeHead(200, { "content-type": "image/png" }).end(png),
    "/page": () => response.writeHead(200, { "content-type": "text/html" }).end("<p>"),
    "/svg": () => response.writeHead(200, { "content-type": "image/svg+xml" }).end("<svg/>"),
    "/lost": () => response.writeHead(404).end(),
    "/announced": () =>
      response.writeHead(200, { "content-type": "image/png", "content-length": "200000" }).write("x"),
    "/endless": () => {
      response.writeHead(200, { "content-type": "image/png" });
      const timer = setInterval(() => response.write(Buffer.alloc(20_000)), 5);
      response.on("close", () => clearInterval(timer));
    },
    "/silent": () => undefined,
    "/slow": () => {
      response.writeHead(200, { "content-type": "image/png" });
      const timer = setInterval(() => response.write("x"), 50);
      response.on("close", () => clearInterval(timer));
    },
  };
  (bodies[pathname] ?? (() => response.writeHead(500).end()))();
};

let secure: Server;
let plain: Server;
let port: number;
let plainPort: number;
beforeAll(async () => {
  secure = createServer({ key: fixture("key"), cert: ca }, listener);
  plain = createPlainServer(listener);
  const start = (server: Server) =>
    new Promise<number>((resolve) =>
      server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)),
    );
  [port, plainPort] = [await start(secure), await start(plain)];
});
afterAll(() => {
  for (const server of [secure, plain]) {
    server.closeAllConnections();
    server.close();
  }
});

const here: Resolve = async () => [{ address: "127.0.0.1", family: 4 }];
const never = new AbortController().signal;

/** The error's message, or how many bytes came. */
async function outcome(url: string, options: Partial<FetchOptions> = {}, signal = never): Promise<string> {
  const fetchPicture = pictureFetcher({ limits, ca, resolve: here, ...options });
  return fetchPicture(url, "here", signal).then(
    (bytes) => `${bytes.length} bytes`,
    (error) => (error as Error).message,
  );
}

const fetched = `${png.length} bytes`;
const refused = "Pictures are not fetched from this address.";
/** What is fetched at the server's own port, which the default does not reach. */
const trusting = () => ({ allow: [`https://pictures.test:${port}`] });

describe("fetching pictures", () => {
  it("takes one from where its name leads", async () => {
    expect(await outcome(`https://pictures.test:${port}/picture`, trusting())).toBe(fetched);
  });

  it.each([
    "http://pictures.test/picture",
    "https://127.0.0.1/picture",
    "https://127.1/picture",
    "https://0x7f000001/picture",
    "https://2130706433/picture",
    "https://0177.0.0.1/picture",
    "https://[::1]/picture",
    "https://[::ffff:127.0.0.1]/picture",
    "https://[::ffff:a9fe:a9fe]/latest/meta-data/",
    "https://169.254.169.254/latest/meta-data/",
    "https://10.0.0.1/picture",
    "https://192.168.1.1/picture",
    "https://100.64.0.1/picture",
    "https://0.0.0.0/picture",
    "https://8.8.8.8:22/picture",
  ])("refuses %s without a connection", async (url) => {
    const before = asked.length;
    expect(await outcome(url, { resolve: () => Promise.reject(new Error("asked for a name")) })).toBe(
      refused,
    );
    expect(asked.length).toBe(before);
  });

  it.each([
    "ftp://pictures.test/x",
    "file:///etc/passwd",
    "javascript:1",
    "//x",
    "",
    "x".repeat(5000),
  ])("takes %.20s for no address", async (url) => {
    expect(await outcome(url)).toBe("Expected a data: URL or an https: address.");
  });

  it("sends no name and password", async () => {
    expect(await outcome("https://me:secret@pictures.test/")).toMatch(/name and password/);
  });

  it("refuses names that lead inside, also where only one of their addresses does", async () => {
    expect(await outcome("https://inside.test/picture")).toBe(refused);
    const mixed: Resolve = async () => [
      { address: "93.184.215.14", family: 4 },
      { address: "10.1.2.3", family: 4 },
    ];
    expect(await outcome("https://mixed.test/picture", { resolve: mixed })).toBe(refused);
    const mapped: Resolve = async () => [{ address: "::ffff:169.254.169.254", family: 6 }];
    expect(await outcome("https://mapped.test/picture", { resolve: mapped })).toBe(refused);
  });

  it("connects to the address that was checked, whatever the name says a moment later", async () => {
    const answers = ["127.0.0.1", "127.0.0.9"];
    const rebinding: Resolve = async () => [{ address: answers.shift()!, family: 4 }];
    const isPublic = (address: string) => address === "127.0.0.1";
    const options = { ...trusting(), resolve: rebinding, isPublic };
    expect(await outcome(`https://pictures.test:${port}/picture`, options)).toBe(fetched);
    expect(answers).toEqual(["127.0.0.9"]); // asked once
  });

  it("checks every redirect like the first address", async () => {
    const [trusted, elsewhere] = [`https://pictures.test:${port}`, `https://inside.test:${port}`];
    const through = (to: string) => `${trusted}/?to=${encodeURIComponent(to)}`;
    expect(await outcome(through("/picture"), trusting())).toBe(fetched);
    expect(await outcome(through(through("/picture")), trusting())).toBe(fetched);
    const before = asked.length;
    for (const to of [elsewhere, `http://pictures.test:${port}/picture`, "https://169.254.169.254/"]) {
      expect(await outcome(through(to), trusting())).toBe(refused);
    }
    expect(asked.slice(before)).toEqual(["pictures.test/", "pictures.test/", "pictures.test/"]);
    expect(await outcome(through("file:///etc/passwd"), trusting())).toMatch(/^Expected a data: URL/);
    expect(await outcome(`${trusted}/?to=`, trusting())).toMatch(/redirects/);
  });

  it("gives up after three redirects", async () => {
    const again = `https://pictures.test:${port}/?to=`;
    let url = `https://pictures.test:${port}/picture`;
    for (let hop = 0; hop < 3; hop++) url = `${again}${encodeURIComponent(url)}`;
    expect(await outcome(url, trusting())).toBe(fetched);
    expect(await outcome(`${again}${encodeURIComponent(url)}`, trusting())).toMatch(/more than 3 times/);
  });

  it("fetches from origins it is told to trust alone, also without TLS", async () => {
    const options = { allow: [`http://inside.test:${plainPort}`] };
    expect(await outcome(`http://inside.test:${plainPort}/picture`, options)).toBe(fetched);
    expect(await outcome(`http://pictures.test:${plainPort}/picture`, options)).toBe(refused);
    expect(await outcome("https://93.184.215.14/picture", options)).toBe(refused);
  });

  it("bounds size and type", async () => {
    const from = (path: string) => outcome(`https://pictures.test:${port}${path}`, trusting());
    expect(await from("/announced")).toMatch(/more than 100000 bytes/);
    expect(await from("/endless")).toMatch(/more than 100000 bytes/);
    expect(await from("/page")).toMatch(/does not answer with/);
    expect(await from("/svg")).toMatch(/does not answer with/);
    expect(await from("/lost")).toMatch(/status 404/);
  });

  it("bounds the time, and ends with the request", async () => {
    const url = (path: string) => `https://pictures.test:${port}${path}`;
    const brief = { ...trusting(), limits: { ...limits, fetchMilliseconds: 200 } };
    for (const path of ["/silent", "/slow"]) {
      expect(await outcome(url(path), brief)).toMatch(/in time/); // neither ever ends by itself
    }
    const controller = new AbortController();
    const result = outcome(url("/silent"), trusting(), controller.signal);
    setTimeout(() => controller.abort(new Error("gone")), 50);
    expect(await result).toBe("gone");
  });

  it("bounds the time of a name's resolution likewise", async () => {
    const silent: Resolve = () => new Promise(() => undefined);
    const url = `https://pictures.test:${port}/picture`;
    const brief = { ...trusting(), resolve: silent, limits: { ...limits, fetchMilliseconds: 200 } };
    expect(await outcome(url, brief)).toMatch(/in time/);
    const controller = new AbortController();
    const result = outcome(url, { ...trusting(), resolve: silent }, controller.signal);
    setTimeout(() => controller.abort(new Error("gone")), 50);
    expect(await result).toBe("gone");
  });

  it("trusts no certificate of its own making", async () => {
    const options = { allow: [`https://pictures.test:${port}`], resolve: here, limits };
    const found = pictureFetcher(options)(`https://pictures.test:${port}/picture`, "here", never);
    await expect(found).rejects.toThrow("could not be read");
  });
});
