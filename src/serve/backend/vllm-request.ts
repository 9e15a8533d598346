import { PrumergeError } from "../../errors.js";
import type { ChatMessage } from "../../generate/messages.js";
import type { VisualTokens } from "../../generate/visual-tokens.js";
import { firstNonFinite } from "../../tensor/finite.js";
import { encodeNpy } from "../../tensor/npy.js";
import type { BackendRequest } from "./backend.js";

type Part =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image_embeds"; readonly image_embeds: string };

/** A chat completion request as vLLM takes it, pictures as rows of the language model's width. */
export interface VllmRequest {
  readonly model: string;
  readonly messages: readonly {
    readonly role: ChatMessage["role"];
    readonly content: string | readonly Part[];
  }[];
  /** vLLM's own default is false: LLaVA-1.5's prompts would lack `<s>`, which transformers puts before them. */
  readonly add_special_tokens: boolean;
  readonly stream: true;
  readonly stream_options: { readonly include_usage: true };
  readonly max_tokens: number;
  readonly temperature: number;
  readonly top_p?: number;
  readonly seed?: number;
  readonly stop?: readonly string[];
}

/**
 * Writes a request for vLLM. Pictures have no `uuid`: vLLM would take rows it knows by that name for these.
 *
 * @param model name under which the backend serves the model
 * @param maxTokens where the request says none
 * @throws PrumergeError RUNTIME for rows that are not finite: vLLM 0.32 takes them, and spoils the next answer too
 */
export function vllmRequest(
  {
    pictures,
    messages,
    temperature = 0,
    topP,
    seed,
    stop,
    maxTokens: asked,
    addSpecialTokens,
  }: BackendRequest,
  model: string,
  maxTokens: number,
): VllmRequest {
  const rest = pictures.values();
  return {
    model,
    messages: messages.map(({ role, content }) => ({ role, content: contentOf(content, rest) })),
    add_special_tokens: addSpecialTokens,
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: asked ?? maxTokens,
    temperature,
    ...(topP !== undefined && { top_p: topP }),
    ...(seed !== undefined && { seed }),
    ...(stop.length > 0 && { stop }),
  };
}

function contentOf(content: ChatMessage["content"], pictures: Iterator<VisualTokens>): string | Part[] {
  if (typeof content === "string") return content;
  const [only, ...others] = content;
  if (only?.type === "text" && others.length === 0) return only.text;
  return content.map((part) =>
    part.type === "text" ? part : { type: "image_embeds", image_embeds: rowsOf(pictures.next().value) },
  );
}

/** A `.npy` file of the rows, float32, [R, D], in base64. */
function rowsOf({ embeddings }: VisualTokens): string {
  if (embeddings.rows < 1 || firstNonFinite(embeddings.data) >= 0) {
    throw new PrumergeError("RUNTIME", "visual tokens that no language model may be given", {
      expected: "1 or more rows of finite numbers",
      found: `${embeddings.rows} rows`,
    });
  }
  return Buffer.from(encodeNpy(embeddings)).toString("base64");
}
