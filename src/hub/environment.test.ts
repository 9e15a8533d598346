import { readFileSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { refusal } from "../../test/support/refusal.js";
import { connect } from "./connection.js";
import { readEnvironment } from "./environment.js";
import { findToken } from "./token.js";

const fixture = new URL("../../test/fixtures/hub/environment.json", import.meta.url);
const recorded: { environment: Record<string, string>; found: Record<string, unknown> }[] = JSON.parse(
  readFileSync(fixture, "utf8"),
);

/** Of the recorded runs. */
const home = ["", "home", "ann"].join("/");

describe.runIf(process.platform !== "win32")("the environment", () => {
  it.each(
    recorded.map((one) => [JSON.stringify(one.environment), one] as const),
  )("%s is read as huggingface_hub reads it", async (_, { environment, found }) => {
    const ours = readEnvironment(environment, home);
    expect({
      cacheDir: ours.cacheDir,
      tokenPath: ours.tokenPath,
      offline: ours.offline,
      token: ours.token ?? null,
      implicitToken: ours.implicitToken,
      symlinks: ours.symlinks,
      answerSeconds: (ours.answerSilence ?? 10_000) / 1000,
      downloadSeconds: (ours.downloadSilence ?? 10_000) / 1000,
      origin: ours.origin ?? null,
    }).toEqual(Object.fromEntries(Object.entries(found).filter(([name]) => name !== "endpoint")));
    const { endpoint } = await connect({}, { HF_TOKEN_PATH: "/nowhere", ...environment });
    expect(endpoint.href.replace(/\/$/, "")).toBe(found.endpoint);
  });

  it("takes an empty variable for one that is not set, and spaces around a switch for nothing", () => {
    const empty = readEnvironment({ HF_HOME: "", HF_HUB_CACHE: " ", XDG_CACHE_HOME: "" }, home);
    expect(empty.cacheDir).toBe(`${home}/.cache/huggingface/hub`);
    expect(readEnvironment({ TRANSFORMERS_OFFLINE: " 1 " }).offline).toBe(true);
  });

  it.each([
    ["HF_HUB_ETAG_TIMEOUT", "soon"],
    ["HF_HUB_DOWNLOAD_TIMEOUT", "2.5"],
    ["HF_HUB_DOWNLOAD_TIMEOUT", "-1"],
    ["HF_HUB_DOWNLOAD_TIMEOUT", "99999999999"],
    ["HF_HOME", "~root/hf"],
    ["HF_HUB_USER_AGENT_ORIGIN", "a\r\nb: c"],
  ])("refuses %s=%j by its name", async (name, value) => {
    const error = await refusal("INVALID_OPTION", () => readEnvironment({ [name]: value }));
    expect(error.details.where).toBe(name);
  });
});

describe("the token", () => {
  let folder: string;
  const at = (text: Record<string, string>) => readEnvironment({ HF_HOME: folder, ...text });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "prumerge-token-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("is the caller's, else a variable's, else the one that a login stored", async () => {
    expect(await findToken(undefined, at({}))).toBe(undefined);
    await writeFile(join(folder, "token"), "hf_stored\n");
    expect(await findToken(undefined, at({}))).toBe("hf_stored");
    expect(await findToken(undefined, at({ HF_TOKEN: "hf_variable" }))).toBe("hf_variable");
    expect(await findToken("hf_given", at({ HF_TOKEN: "hf_variable" }))).toBe("hf_given");
    await writeFile(join(folder, "other"), "hf_other");
    expect(await findToken(undefined, at({ HF_TOKEN_PATH: join(folder, "other") }))).toBe("hf_other");
    await writeFile(join(folder, "token"), " \n");
    expect(await findToken(undefined, at({}))).toBe(undefined);
  });

  it("stays here where HF_HUB_DISABLE_IMPLICIT_TOKEN says so, unless the caller gives it", async () => {
    await writeFile(join(folder, "token"), "hf_stored");
    const silent = at({ HF_HUB_DISABLE_IMPLICIT_TOKEN: "1", HF_TOKEN: "hf_variable" });
    expect(await findToken(undefined, silent)).toBe(undefined);
    expect(await findToken("hf_given", silent)).toBe("hf_given");
  });

  it("is not read offline, and a file that cannot be read is said by its name", async () => {
    const environment = { HF_TOKEN_PATH: folder };
    expect((await connect({ offline: true }, environment)).token).toBe(undefined);
    await expect(connect({ offline: false }, environment)).rejects.toMatchObject({
      code: "INVALID_FILE",
      details: { where: folder, found: "EISDIR" },
    });
    await writeFile(join(folder, "token"), "hf_secret and more");
    await chmod(join(folder, "token"), 0o600);
    await expect(connect({}, { HF_HOME: folder })).rejects.toSatisfy(
      (error: Error) => error.message.includes("token") && !error.message.includes("secret"),
    );
  });
});
