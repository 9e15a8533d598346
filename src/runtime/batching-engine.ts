import { composeEngine } from "./compose-engine.js";
import type { Engine } from "./engine.js";
import { Prefills } from "./prefills.js";
import type { LanguageSide, VisionSide } from "./sides.js";
import { Turns } from "./turns.js";

/**
 * An engine in which the next tokens of all answers under way are one run. Requests join and leave between runs; prompts that come
 * meanwhile are cut into parts that take no longer than two steps, with a step between them.
 */
export function batchingEngine(
  vision: VisionSide,
  language: LanguageSide,
  ability: Engine["vision"],
): Engine {
  const turns = new Turns((steps, lane) => language.step!(steps, lane));
  const prefills = new Prefills(turns, language);
  return {
    ...composeEngine(vision, language, ability, turns),
    forward: (cache, rows, places = {}, signal) =>
      "data" in rows || rows.length !== 1
        ? prefills.run(cache, rows, places, signal)
        : turns.step({ cache, id: rows[0]!, places }, signal),
  };
}
