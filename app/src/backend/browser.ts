import "./no-compiled-schemas.js";
import address from "virtual:model";
import { samples } from "virtual:samples";
import gpuGlue from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import gpuWasm from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import glue from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasm from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import {
  type BrowserModel,
  classTokenRows,
  type DeviceChoice,
  keyValueBytesPerToken,
  loadModel,
  type Method,
  noReduction,
  type RowChoices,
  siteCount,
  squareModel,
  starterModel,
} from "prumerge/browser";
import type { MethodInfo, ModelBackend, ModelInfo, OpenBackend } from "./model-backend.js";
import { pictureSize } from "./picture-size.js";
import { reducerOf } from "./reducer-of.js";
import { SeenTokens } from "./seen-tokens.js";

/** The bundled model, in a worker of this page. */
export const openBackend: OpenBackend = async (onProgress) => {
  const asked = new URLSearchParams(location.search).get("device");
  const model = await loadModel(address, {
    device: (asked ?? "auto") as DeviceChoice,
    runtimeFiles: { wasm: { glue, wasm }, webgpu: { glue: gpuGlue, wasm: gpuWasm } },
    onProgress,
  });
  return createBackend(model, await model.rowChoices());
};

function createBackend(model: BrowserModel, rows: RowChoices): ModelBackend {
  const seen = new SeenTokens(model);
  return {
    info: describe(model, rows),
    async see(picture, signal, question) {
      const { width, height } = await pictureSize(picture);
      const { sites, signals, statistics } = await model.see(picture, noReduction(), {
        signals: true,
        signal,
        ...(question !== undefined && { question }),
      });
      const [{ rectangle }] = sites.regions;
      const { encodeMilliseconds } = statistics;
      return { width, height, view: rectangle, signals: signals![0]!, encodeMilliseconds };
    },
    async *ask({ picture, reduction, messages, signal }) {
      const reducer = reduction === undefined ? noReduction() : reducerOf(reduction);
      const positions = reduction?.positions ?? model.defaultPositions;
      const asked = messages.at(-1)!.content;
      const { tokens, encode } = await seen.get(picture, reducer, positions, asked, signal);
      const answer = model.answer(tokens, messages, { signal });
      yield* answer;
      const { timings, ...result } = await answer.result;
      return {
        visualTokens: result.visualTokens,
        promptTokens: result.promptTokens,
        reusedTokens: result.reusedTokens,
        answerTokens: result.tokenIds.length,
        firstToken: encode + timings.firstToken,
        total: encode + timings.total,
        keyValueBytes: result.keyValueBytes,
        ...(result.missingPositions !== undefined && { missingPositions: result.missingPositions }),
      };
    },
  };
}

function describe(model: BrowserModel, rows: RowChoices): ModelInfo {
  const { device, threads, spec, methods, defaultReducer, defaultPositions, world } = model;
  const { language } = spec;
  const leadingTokens = classTokenRows(spec);
  const workers = threads === 1 ? "one thread" : `${threads} threads`;
  return {
    name: "pocket-llava",
    place: `in this browser, ${device === "webgpu" ? "WebGPU" : `WebAssembly, ${workers}`}`,
    notes:
      world === undefined
        ? []
        : [
            `This model knows ${world}. For your own pictures run a real one: ` +
              `npx prumerge serve --model ${starterModel}`,
          ],
    unreducedTokens: siteCount(squareModel(spec)) + leadingTokens,
    leadingTokens,
    keyValueBytesPerToken: keyValueBytesPerToken(language),
    methods: methods.map(describeMethod),
    positions: rows.positions,
    rowBias: rows.bias,
    defaultReduction: {
      method: defaultReducer.method,
      budget: defaultReducer.budget,
      options: {},
      positions: defaultPositions,
    },
    samples,
    origin: "http://127.0.0.1:8000",
    wantsKey: false,
  };
}

function describeMethod({ create, ...method }: Method): MethodInfo {
  const { sizeBias } = create({}, method.defaultBudget).options;
  return { ...method, ...(typeof sizeBias === "boolean" && { sizeBias }) };
}
