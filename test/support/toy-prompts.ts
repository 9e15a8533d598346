import { Tokenizer } from "@huggingface/tokenizers";
import { ChatTemplate } from "../../src/generate/chat-template.js";
import { literalTokenizer } from "../../src/generate/literal-tokenizer.js";
import { PrefixPool } from "../../src/generate/prefix-reuse.js";
import type { AnswerContext } from "../../src/generate/run-answer.js";
import { oneRegion } from "../../src/reduce/sites.js";
import type { Engine } from "../../src/runtime/engine.js";
import type { VisualTokens } from "../../src/see/visual-tokens.js";

const special = ["<s>", "</s>", "<image>"];
const words = ["USER:", "ASSISTANT:", "what", "is", "it", "a", "cat", "dog", "?", "yes", "no", "stop"];

/** A word-level tokenizer's file: ids 0 to 2 are special, the words follow; each prompt begins with `<s>`. */
const toyFile = {
  model: {
    type: "WordLevel",
    vocab: Object.fromEntries([...special, ...words].map((word, id) => [word, id])),
    unk_token: "<s>",
  },
  pre_tokenizer: { type: "WhitespaceSplit" },
  decoder: null,
  normalizer: null,
  post_processor: {
    type: "TemplateProcessing",
    single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
    pair: [],
    special_tokens: { "<s>": { id: "<s>", ids: [0], tokens: ["<s>"] } },
  },
  added_tokens: special.map((content, id) => ({ id, content, special: true, normalized: false })),
};

const toyConfig = { unk_token: "<s>" };

export function toyTokenizer(): Tokenizer {
  return new Tokenizer(toyFile, toyConfig);
}

export function idOf(word: string): number {
  return [...special, ...words].indexOf(word);
}

/** A picture of `rows` visual tokens, all of one value, of width 1. */
export function toyPicture(rows: number, value: number): VisualTokens {
  const none = new Int32Array(rows).fill(-1);
  return {
    embeddings: { rows, columns: 1, data: new Float32Array(rows).fill(value) },
    plan: {
      patches: rows,
      keptPatches: none,
      offsets: new Int32Array(rows + 1),
      columns: new Int32Array(0),
      weights: new Float32Array(0),
    },
    sites: oneRegion({ rows: 1, columns: rows }, { x: 0, y: 0, width: 1, height: 1 }),
    origin: Int32Array.from({ length: rows }, (_, row) => row),
    statistics: {
      method: "toy",
      budget: { kind: "all" },
      options: {},
      unreducedTokens: rows,
      visualTokens: rows,
      inGraph: true,
      encodeMilliseconds: 2,
      keyValueBytes: rows * 8,
      unreducedKeyValueBytes: rows * 8,
    },
  };
}

const template = `{% for message in messages %}{{ 'USER: ' if message['role'] == 'user' else 'ASSISTANT: ' }}\
{% for part in message['content'] %}{{ '<image> ' if part['type'] == 'image' else part['text'] }}{% endfor %} {% endfor %}ASSISTANT:`;

/** What an answer needs of a model of which the engine is the whole language model. */
export function toyContext(engine: Engine, context = 100): AnswerContext {
  return {
    engine,
    prefixes: new PrefixPool(engine, { bytesPerToken: 8 }),
    language: {
      context,
      hiddenSize: 1,
      layers: 1,
      keyValueHeads: 1,
      headDim: 1,
      rope: { kind: "default", theta: 1 },
    } as never,
    prompts: {
      tokenizer: toyTokenizer(),
      bosToken: "<s>",
      imageToken: "<image>",
      imageTokenId: idOf("<image>"),
      literal: literalTokenizer(toyFile, toyConfig, "<image>", "toy"),
    },
    template: new ChatTemplate(template, {}, "<image>"),
    endIds: new Set([idOf("</s>")]),
    suggestedNewTokens: undefined,
  };
}
