import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GraphBuilder } from "../onnx/builder.js";
import { add } from "../onnx/ops/index.js";
import { ModelProtoSchema } from "../onnx/schema/onnx_pb.js";
import { availableDevices } from "./device.js";
import { loadTensors, openSession } from "./ort.js";

const folder = mkdtempSync(join(tmpdir(), "prumerge-ort-"));
const doubling = join(folder, "double.onnx");
beforeAll(() => {
  const graph = new GraphBuilder("double");
  const x = graph.input("x", "float32", ["rows", 4]);
  graph.output("y", add(x, x));
  writeFileSync(doubling, toBinary(ModelProtoSchema, graph.build()));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("openSession", () => {
  it("runs a graph and tells its inputs and outputs", async () => {
    const session = await openSession(doubling, { device: "cpu", threads: 2 });
    expect(session.inputs).toEqual([{ name: "x", type: "float32", shape: ["rows", 4] }]);
    const { float32 } = await loadTensors();
    const out = await session.run({ x: float32(Float32Array.of(1, 2, 3, 4), [1, 4]) });
    expect([...(out.y!.data as Float32Array)]).toEqual([2, 4, 6, 8]);
    await session.dispose();
  });

  it("wraps what a run refuses, with the file", async () => {
    const session = await openSession(doubling);
    const { float32 } = await loadTensors();
    await expect(session.run({ x: float32(new Float32Array(3), [1, 3]) })).rejects.toMatchObject({
      code: "RUNTIME",
      details: { where: doubling },
    });
    await session.dispose();
  });

  it("refuses a device that the runtime lacks and names those it has", async () => {
    const devices = await availableDevices();
    expect(devices).toContain("cpu");
    await expect(openSession(doubling, { device: "tpu" })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      details: { expected: devices.join(" or "), found: '"tpu"', where: "device" },
    });
  });

  it.each([0, 1.5, -1, 4096, Number.NaN])("refuses %d threads", async (threads) => {
    await expect(openSession(doubling, { threads })).rejects.toMatchObject({
      code: "INVALID_OPTION",
      details: { where: "threads" },
    });
  });

  it("tells what a graph gives, and names the file that does not load", async () => {
    const session = await openSession(doubling);
    expect(session.outputs).toEqual([{ name: "y", type: "float32", shape: ["rows", 4] }]);
    await session.dispose();
    const broken = join(folder, "broken.onnx");
    writeFileSync(broken, "not a graph");
    for (const path of [broken, join(folder, "absent.onnx")]) {
      await expect(openSession(path)).rejects.toMatchObject({ code: "RUNTIME", details: { where: path } });
    }
  });
});
