import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findLeftovers, StagingFolder } from "./staging.js";

let parent = "";
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "prumerge-staging-"));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

const here = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
/** A process that has ended: its id belongs to nobody. */
const deadPid = () => spawnSync(process.execPath, ["-e", ""]).pid;

/** Whatever stands there may be replaced. */
const allow = async () => undefined;

async function leave(name: string, secondsAgo = 0): Promise<string> {
  const path = join(parent, name);
  await mkdir(path);
  await writeFile(join(path, "half"), "written");
  const time = new Date(Date.now() - secondsAgo * 1000);
  await utimes(path, time, time);
  return path;
}

describe("StagingFolder", () => {
  it("takes the destination's place as a whole", async () => {
    const destination = join(parent, "deep", "model");
    const staging = await StagingFolder.create(destination);
    await writeFile(join(staging.path, "a"), "new");
    expect(await readdir(join(parent, "deep"))).toEqual([expect.stringMatching(/^\.model\.converting-/)]);
    await staging.finish(allow);
    expect(await readdir(join(parent, "deep"))).toEqual(["model"]);
    expect(await readFile(join(destination, "a"), "utf8")).toBe("new");
  });

  it("replaces what stood there, leaving nothing of it", async () => {
    await leave("model");
    const staging = await StagingFolder.create(join(parent, "model"));
    await writeFile(join(staging.path, "a"), "new");
    await staging.finish(allow);
    expect(await readdir(parent)).toEqual(["model"]);
    expect(await readdir(join(parent, "model"))).toEqual(["a"]);
  });

  it("asks about what has come there meanwhile, and leaves it alone where it must", async () => {
    const staging = await StagingFolder.create(join(parent, "model"));
    const theirs = await leave("model");
    const refuse = async () => {
      throw new Error("not ours");
    };
    await expect(staging.finish(refuse)).rejects.toThrow("not ours");
    expect(await readdir(theirs)).toEqual(["half"]);
    await rm(theirs, { recursive: true });
    await writeFile(theirs, "a file");
    await expect(staging.finish(refuse)).rejects.toThrow("not ours");
    expect(await readFile(theirs, "utf8")).toBe("a file");
    await staging.discard();
    expect(await readdir(parent)).toEqual(["model"]);
  });

  it("says why the system refuses the last step", async () => {
    const staging = await StagingFolder.create(join(parent, "model"));
    await rm(staging.path, { recursive: true });
    await expect(staging.finish(allow)).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringMatching(/model: .*cannot be written.*found ENOENT: [^']*$/),
    });
  });

  it("goes without a trace when discarded", async () => {
    const staging = await StagingFolder.create(join(parent, "model"));
    await writeFile(join(staging.path, "a"), "new");
    await staging.discard();
    expect(await readdir(parent)).toEqual([]);
  });

  it("clears what dead conversions to the same destination left, and nothing else", async () => {
    const dead = deadPid();
    const stale = [
      await leave(`.model.converting-${here}-${dead}-00000001`),
      await leave(`.model.converting-${here}-${dead}-00000002-replaced`),
      // Same process id, as after a container's restart, or another machine: gone after a minute of silence.
      await leave(`.model.converting-${here}-${process.pid}-00000003`, 61),
      await leave(`.model.converting-0123abcd-1-00000004`, 61),
    ];
    const kept = [
      await leave(`.model.converting-${here}-${process.ppid}-00000005`, 3600),
      await leave(`.model.converting-${here}-${process.pid}-00000006`),
      await leave(`.model.converting-0123abcd-1-00000007`, 30),
      await leave(`.other.converting-${here}-${dead}-00000008`),
      await leave(`.model.converting-by-hand`, 3600),
    ];
    expect((await findLeftovers(join(parent, "model"))).sort()).toEqual(stale.sort());
    const staging = await StagingFolder.create(join(parent, "model"));
    expect((await readdir(parent)).map((name) => join(parent, name)).sort()).toEqual(
      [...kept, staging.path].sort(),
    );
    await staging.discard();
  });

  it.runIf(process.platform === "linux")(
    "clears what a killed process left that nobody has collected",
    async () => {
      const parentOfZombie = spawn("/bin/sh", ["-c", "true & echo $!; exec sleep 60"]);
      try {
        const [line] = await once(parentOfZombie.stdout, "data");
        const left = await leave(`.model.converting-${here}-${Number(line)}-00000001`);
        await expect.poll(() => findLeftovers(join(parent, "model"))).toEqual([left]);
      } finally {
        parentOfZombie.kill();
      }
    },
  );

  it("says where no folder can be made", async () => {
    await writeFile(join(parent, "file"), "");
    await expect(StagingFolder.create(join(parent, "file", "model"))).rejects.toMatchObject({
      code: "NOT_FOUND",
      message: expect.stringMatching(/file: .*cannot be written.*found E[A-Z]+: [^']*$/),
    });
  });
});
