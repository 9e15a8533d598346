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
  takesSquares,
  wayChoices,
} from "prumerge/browser";
import { type ChosenModel, chosenModel } from "./chosen-model.js";
import { refuseClip } from "./clip-file.js";
import type { MethodInfo, ModelBackend, ModelInfo, OpenBackend } from "./model-backend.js";
import { pictureSize } from "./picture-size.js";
import { reducerOf } from "./reducer-of.js";
import { seeClip } from "./seen-clip.js";
import { seenBySignals } from "./seen-signals.js";
import { SeenTokens } from "./seen-tokens.js";

/** The bundled model, or the folder that the page's address names, in a worker of this page. */
export const openBackend: OpenBackend = async (onProgress) => {
  const asked = new URLSearchParams(location.search).get("device");
  const chosen = chosenModel(location.search, address, document.baseURI);
  const model = await loadModel(chosen.address, {
    device: (asked ?? "auto") as DeviceChoice,
    runtimeFiles: { wasm: { glue, wasm }, webgpu: { glue: gpuGlue, wasm: gpuWasm } },
    onProgress,
  });
  return createBackend(model, describe(model, chosen, await model.rowChoices()));
};

function createBackend(model: BrowserModel, info: ModelInfo): ModelBackend {
  const seen = new SeenTokens(model);
  return {
    info,
    async see(showing) {
      const { picture, name, way, question, signal } = showing;
      if (showing.clip) {
        refuseClip(info);
        return seeClip(model, showing);
      }
      const { width, height } = await pictureSize(picture);
      const pixels = await seen.prepare(picture, way, signal);
      const { plan, sites, signals, statistics } = await model.see(pixels, noReduction(), {
        signals: true,
        signal,
        ...(question !== undefined && { question }),
      });
      const unreduced = { plan, tokens: statistics.unreducedTokens };
      return seenBySignals({ name, width, height, sites, signals: signals ?? [], unreduced, question }, info);
    },
    async *ask({ picture, way, reduction, messages, signal }) {
      const reducer = reduction === undefined ? noReduction() : reducerOf(reduction);
      const positions = reduction?.positions ?? model.defaultPositions;
      const asked = messages.at(-1)!.content;
      const tokens = await seen.get(picture, way, reducer, positions, asked, signal);
      const answer = model.answer(tokens, messages, { signal });
      yield* answer;
      const { timings, ...result } = await answer.result;
      return {
        visualTokens: result.visualTokens,
        promptTokens: result.promptTokens,
        reusedTokens: result.reusedTokens,
        answerTokens: result.tokenIds.length,
        visionTower: timings.encode,
        firstToken: timings.firstToken,
        total: timings.total,
        keyValueBytes: result.keyValueBytes,
        ...(result.missingPositions !== undefined && { missingPositions: result.missingPositions }),
      };
    },
  };
}

function describe(model: BrowserModel, chosen: ChosenModel, rows: RowChoices): ModelInfo {
  const { device, threads, spec, methods, defaultReducer, defaultPositions, world } = model;
  const { language } = spec;
  const leadingTokens = classTokenRows(spec);
  const ways = wayChoices(spec, model.preprocessing);
  const fixed = !ways.tiles && takesSquares(spec.vision);
  const workers = threads === 1 ? "one thread" : `${threads} threads`;
  return {
    name: chosen.name,
    place: `in this browser, ${device === "webgpu" ? "WebGPU" : `WebAssembly, ${workers}`}`,
    notes:
      world === undefined
        ? []
        : [
            `This model knows ${world}. For your own pictures run a real one: ` +
              `npx prumerge serve --model ${starterModel}`,
          ],
    unreducedTokens: fixed ? siteCount(squareModel(spec)) + leadingTokens : undefined,
    leadingTokens,
    keyValueBytesPerToken: keyValueBytesPerToken(language),
    methods: methods.map(describeMethod),
    ways,
    videos: model.videoSampling !== undefined,
    positions: rows.positions,
    rowBias: rows.bias,
    defaultReduction: {
      method: defaultReducer.method,
      budget: defaultReducer.budget,
      options: {},
      positions: defaultPositions,
    },
    samples: chosen.bundled ? samples : [],
    origin: "http://127.0.0.1:8000",
    wantsKey: false,
  };
}

function describeMethod({ create, ...method }: Method): MethodInfo {
  const { sizeBias } = create({}, method.defaultBudget).options;
  return { ...method, ...(typeof sizeBias === "boolean" && { sizeBias }) };
}
