import { createReducer, formatBudget, readsQuestion, spellBudget } from "prumerge/reduce";
import type { ModelInfo, Reduction } from "../backend/model-backend.js";

interface Asked {
  readonly model: ModelInfo;
  readonly reduction: Reduction;
  /** File name of the picture. */
  readonly picture: string;
  readonly type: string;
  readonly question: string;
}

/** The extension field of a request. */
export function reductionField({ method, budget }: Reduction) {
  return { method, visual_tokens: budget.kind === "exact" ? budget.rows : formatBudget(budget) };
}

/**
 * The same question as a shell command to a running `prumerge serve`. A key is left to the shell's variable
 * `PRUMERGE_KEY`: commands are pasted into places where a key does not belong.
 */
export function curlCommand({ model, reduction, picture, type, question }: Asked): string {
  // Where the picture goes: a word that no question holds.
  const place = crypto.randomUUID();
  const url = `data:${type};base64,${place}`;
  const body = {
    model: model.name,
    messages: [
      {
        role: "user",
        content: [
          { type: "image_url", image_url: { url } },
          { type: "text", text: question },
        ],
      },
    ],
    prumerge: reductionField(reduction),
  };
  const json = JSON.stringify(body, null, 2).replaceAll("'", "'\\''");
  const [before, after] = json.split(place);
  const key = model.wantsKey ? ` -H "Authorization: Bearer $PRUMERGE_KEY"` : "";
  return `{ printf '%s' '${before}'; base64 < ${shellWord(picture)} | tr -d '\\n'; printf '%s' '${after}'; } |
  curl ${model.origin}/v1/chat/completions -H 'Content-Type: application/json'${key} --data-binary @-
`;
}

/** The same question in TypeScript, with the library. */
export function typeScriptCode({ model, reduction, picture, question }: Asked): string {
  const { method, budget } = reduction;
  const spelled = Object.entries(spellBudget(budget)).map(([name, value]) => `, { ${name}: ${value} }`);
  const options = spelled.join("");
  const asked = readsQuestion(createReducer(method, {}, budget)) ? ", { question }" : "";
  return `import { createReducer, loadModel } from "prumerge";

const question = ${JSON.stringify(question)};
const model = await loadModel(${JSON.stringify(model.name)});
const seen = await model.see(${JSON.stringify(picture)}, createReducer(${JSON.stringify(method)}${options})${asked});
for await (const text of model.answer(seen, question)) process.stdout.write(text);
await model.dispose();
`;
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
