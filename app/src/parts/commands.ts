import { formatBudget, readsQuestion, spellBudget } from "prumerge/reduce";
import type { ModelInfo, Reduction, ShownWay } from "../backend/model-backend.js";
import { reducerOf } from "../backend/reducer-of.js";
import { wayField } from "../backend/way-field.js";

interface Asked {
  readonly model: ModelInfo;
  readonly reduction: Reduction;
  readonly way: ShownWay;
  /** File name of the picture. */
  readonly picture: string;
  readonly type: string;
  /** Whether it is a video. */
  readonly clip?: boolean;
  readonly question: string;
}

/** The extension field of a request. Without positions they are the server's own. */
export function reductionField(reduction: Pick<Reduction, "method" | "budget"> & Partial<Reduction>) {
  const { method, budget, options = {}, positions } = reduction;
  return {
    method,
    visual_tokens: budget.kind === "exact" ? budget.rows : formatBudget(budget),
    ...(Object.keys(options).length > 0 && { options }),
    ...(positions !== undefined && { positions }),
  };
}

/**
 * The same question as a shell command to a running `prumerge serve`. A key is left to the shell's variable
 * `PRUMERGE_KEY`: commands are pasted into places where a key does not belong.
 */
export function curlCommand({ model, reduction, way, picture, type, clip, question }: Asked): string {
  // Where the picture goes: a word that no question holds.
  const place = crypto.randomUUID();
  const url = `data:${type};base64,${place}`;
  const body = {
    model: model.name,
    messages: [
      {
        role: "user",
        content: [
          clip ? { type: "video_url", video_url: { url } } : { type: "image_url", image_url: { url } },
          { type: "text", text: question },
        ],
      },
    ],
    prumerge: { ...reductionField(reduction), ...wayField(way) },
  };
  const json = JSON.stringify(body, null, 2).replaceAll("'", "'\\''");
  const [before, after] = json.split(place);
  const key = model.wantsKey ? ` -H "Authorization: Bearer $PRUMERGE_KEY"` : "";
  return `{ printf '%s' '${before}'; base64 < ${shellWord(picture)} | tr -d '\\n'; printf '%s' '${after}'; } |
  curl ${model.origin}/v1/chat/completions -H 'Content-Type: application/json'${key} --data-binary @-
`;
}

/** The same question in TypeScript, with the library. */
export function typeScriptCode({ model, reduction, way, picture, clip, question }: Asked): string {
  const { method, budget, options, positions } = reduction;
  const made = objectCode({ ...spellBudget(budget), ...options });
  const seen = [
    ...(positions === "contiguous" ? [] : [`positions: ${JSON.stringify(positions)}`]),
    ...Object.entries(way).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
    ...(readsQuestion(reducerOf(reduction)) ? ["question"] : []),
  ];
  const asked = seen.length === 0 ? "" : `, { ${seen.join(", ")} }`;
  const file = JSON.stringify(picture);
  const [names, source] = clip
    ? ["createReducer, loadModel, openVideo", `openVideo(${file})`]
    : ["createReducer, loadModel", file];
  return `import { ${names} } from "prumerge";

const question = ${JSON.stringify(question)};
const model = await loadModel(${JSON.stringify(model.name)});
const seen = await model.see(${source}, createReducer(${JSON.stringify(method)}${made})${asked});
for await (const text of model.answer(seen, question)) process.stdout.write(text);
await model.dispose();
`;
}

function objectCode(fields: Readonly<Record<string, unknown>>): string {
  const written = Object.entries(fields).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return written.length === 0 ? "" : `, { ${written.join(", ")} }`;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
