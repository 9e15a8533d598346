import { useEffect, useState } from "preact/hooks";
import type { Inspection } from "prumerge/drawing";
import type { ModelInfo, Reduction, ShownWay } from "../backend/model-backend.js";
import type { StageLayer } from "../stage/stage-view.js";
import type { PictureEntry } from "../state/session-state.js";
import { curlCommand, typeScriptCode } from "./commands.js";
import { download, figurePng, figureSvg } from "./save.js";
import { shownTheme } from "./theme.js";

/** Milliseconds for which the page says what it did. */
const shownFor = 4000;

interface Props {
  readonly inspection: Inspection;
  readonly entry: PictureEntry;
  /** The picture of a figure: the entry's, or a frame of it. */
  readonly figure: Blob;
  readonly model: ModelInfo;
  readonly reduction: Reduction;
  readonly way: ShownWay;
  readonly layer: StageLayer;
}

/** Takes what is on the page elsewhere: as a figure, as a command, as code. */
export function ShareBar({ inspection, entry, figure, model, reduction, way, layer }: Props) {
  const [said, say] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => say(""), shownFor);
    return () => clearTimeout(timer);
  }, [said]);
  const asked = {
    model,
    reduction,
    way,
    picture: entry.name,
    clip: entry.clip,
    type: entry.blob.type || (entry.clip ? "video/mp4" : "image/png"),
    question: entry.turns.at(-1)?.question ?? entry.questions[0] ?? "Describe the image.",
  };
  const copy = async (text: string, what: string) => {
    try {
      await navigator.clipboard.writeText(text);
      say(`${what} copied`);
    } catch {
      say("This browser does not let the page copy");
    }
  };
  const save = async (make: typeof figureSvg, ending: string) => {
    const choice = { layer: layer === "none" ? ("kept" as const) : layer, theme: shownTheme() };
    const name = `${entry.name.replace(/\.\w+$/, "")}-${inspection.method}-${inspection.statistics.visualTokens}.${ending}`;
    try {
      download(await make(inspection, figure, choice), name);
      say(`${name} saved`);
    } catch (error) {
      say((error as Error).message);
    }
  };
  return (
    <div class="share-bar">
      <button type="button" onClick={() => void save(figurePng, "png")}>
        Save PNG
      </button>
      <button type="button" onClick={() => void save(figureSvg, "svg")}>
        Save SVG
      </button>
      <button type="button" onClick={() => void copy(curlCommand(asked), "Command")}>
        Copy as curl
      </button>
      <button type="button" onClick={() => void copy(typeScriptCode(asked), "Code")}>
        Copy as TypeScript
      </button>
      <span class="hint" role="status">
        {said}
      </span>
    </div>
  );
}
