import { PrumergeError } from "../../errors.js";
import type { ChatMessage } from "../../generate/messages.js";
import { saysToken } from "../../generate/write-prompt.js";
import type { VisualTokens } from "../../see/visual-tokens.js";
import { firstNonFinite } from "../../tensor/finite.js";
import { encodeNpy } from "../../tensor/npy.js";
import { ApiError } from "../http/api-error.js";
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
  readonly frequency_penalty?: number;
  readonly presence_penalty?: number;
  readonly logit_bias?: Readonly<Record<string, number>>;
}

/**
 * Writes a request for vLLM. Pictures have no `uuid`: vLLM would take rows it knows by that name for these.
 *
 * @param model name under which the backend serves the model
 * @param maxTokens where the request says none
 * @throws ApiError 400 for a text that vLLM would take for a picture's place, and for pictures of several runs of rows
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
    frequencyPenalty,
    presencePenalty,
    logitBias,
    maxTokens: asked,
    addSpecialTokens,
    imageToken,
  }: BackendRequest,
  model: string,
  maxTokens: number,
): VllmRequest {
  refuseImageToken(messages, imageToken);
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
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(logitBias !== undefined && { logit_bias: Object.fromEntries(logitBias) }),
  };
}

/** vLLM finds pictures' places by this text, wherever it stands: a picture would go there, or none be left for another. */
function refuseImageToken(messages: readonly ChatMessage[], imageToken: string): void {
  const at = messages.findIndex((message) => saysToken(message, imageToken));
  if (at < 0) return;
  throw new ApiError(
    400,
    `This server's backend takes the text ${imageToken} for the place of a picture. Write it otherwise, for example with a space within.`,
    { code: "backend_image_token", param: `messages[${at}].content` },
  );
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
function rowsOf({ embeddings, parted }: VisualTokens): string {
  if (parted !== undefined) {
    throw new ApiError(
      400,
      "This model's pictures are several runs of rows between texts; this server's backend takes a picture as one.",
      { code: "backend_several_runs", param: "messages" },
    );
  }
  if (embeddings.rows < 1 || firstNonFinite(embeddings.data) >= 0) {
    throw new PrumergeError("RUNTIME", "visual tokens that no language model may be given", {
      expected: "1 or more rows of finite numbers",
      found: `${embeddings.rows} rows`,
    });
  }
  return Buffer.from(encodeNpy(embeddings)).toString("base64");
}
