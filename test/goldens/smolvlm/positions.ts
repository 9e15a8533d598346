import { join } from "node:path";
import { viewPatches } from "../../../src/families/smolvlm/partial-view.js";
import { integers, readFixture } from "../../support/safetensors.js";
import type { PositionsCase } from "./case.js";

/** Replays the places of a view's patches; returns what differs, in words. */
export function positionsMisses(
  folder: string,
  { parameters, inputs, expected, expected_file }: PositionsCase,
): string[] {
  const [height, width] = inputs.grid_hw;
  const [rows, columns] = inputs.valid_hw;
  const shown = (at: number) => Math.floor(at / width) < rows && at % width < columns;
  const view = {
    data: new Float32Array(0),
    height,
    width,
    rectangle: { x: 0, y: 0, width, height },
    frame: 0,
    mask: Uint8Array.from({ length: height * width }, (_, at) => (shown(at) ? 1 : 0)),
  };
  const { positions } = viewPatches(view, { imageSize: parameters.table_side, patchSize: 1 });
  const recorded = integers(readFixture(join(folder, expected_file)), expected.position_ids);
  return positions.join() === recorded.join() ? [] : [`positions ${positions}, recorded ${recorded}`];
}
