import type { GraphBuilder, Value } from "../../onnx/builder.js";
import {
  and,
  argMax,
  cast,
  concat,
  div,
  equal,
  expand,
  gather,
  greater,
  less,
  loop,
  matMul,
  max,
  min,
  mul,
  not,
  or,
  range,
  reduce,
  scalar,
  scatterElements,
  sizeOf,
  sqrt,
  squeeze,
  sub,
  topK,
  transpose,
  unsqueeze,
  where,
} from "../../onnx/ops/index.js";
import { visionInputs } from "../contract.js";
import type { Reduced, ReductionBuilder, ReductionInputs } from "./builder.js";
import { classAttention } from "./class-attention.js";

/** Shorter rows are divided by this, as the planner does. */
const shortest = 1e-12;
/** Rounding noise of float32: a row and its copy have a cosine of 1 less this at most. */
const noise = 1e-6;

/** The scalars that `cover` is told. */
interface CoverSettings {
  readonly exact: Value; // bool
  readonly count: Value; // int64
  readonly reach: Value; // float32
}

/**
 * `cover` inside a graph, for one view (docs/cover.md). Distances of all pairs are one product; what depends on the choice so far,
 * the next centre, is a loop over a row of them for each centre. The planner in `reduce/` gives the same plan but for ties within
 * float32's rounding.
 */
export const coverReduction: ReductionBuilder = {
  name: "cover",
  reduce(graph, inputs) {
    const settings = {
      exact: graph.input(visionInputs.exact, "bool", []),
      count: graph.input(visionInputs.count, "int64", []),
      reach: graph.input(visionInputs.reach, "float32", []),
    };
    return coverTokens(inputs, settings);
  },
};

function coverTokens(inputs: ReductionInputs, settings: CoverSettings): Reduced {
  const { patches, keys, queries, attention, classToken } = inputs;
  const { graph } = patches;
  const rows = squeeze(inputs.projected(), 0);
  const lengths = sqrt(reduce("ReduceSum", mul(rows, rows), 1, true)); // [N, 1]
  const unit = div(rows, max(lengths, scalar(graph, "float32", shortest)));
  const cosines = matMul(unit, transpose(unit, [1, 0]));
  const centres = farthestPoints(cosines, settings);
  const { kept, weights } = clusterMeans(cosines, lengths, centres);
  return {
    tokens: unsqueeze(matMul(weights, squeeze(patches, 0)), 0),
    kept: unsqueeze(kept, 0),
    weights: unsqueeze(weights, 0),
    attention: attention ?? classAttention(queries, keys, classToken),
  };
}

/**
 * Centres in the order of choice, int64 [R]. The farthest patch is the one of the least cosine to its nearest centre: cosines, since
 * 1 - cosine has fewer digits in float32.
 */
function farthestPoints(cosines: Value, { exact, count, reach }: CoverSettings): Value {
  const { graph } = cosines;
  const float = (value: number) => scalar(graph, "float32", value);
  const integer = (value: number) => scalar(graph, "int64", value);
  const points = cosines.shape[0] as number;
  const itself = onDiagonal(graph, points);
  const near = where(greater(cosines, float(1 - noise)), float(1), cosines);
  const first = argMax(reduce("ReduceMax", where(itself, float(-9), near), 1), 0, { largest: false });
  // A centre is nearer to itself than anything to anything: it is not chosen twice, whatever it equals.
  const nearness = where(itself, float(9), near);
  const toFirst = gather(nearness, first, 0); // [N]
  const uncapped = and(not(exact), equal(count, integer(0)));
  const most = min(where(uncapped, integer(points), count), integer(points));
  const limit = sub(float(1), reach);
  const isWanted = (all: Value, nearest: Value, limit: Value) =>
    or(all, less(reduce("ReduceMin", nearest, 0), limit));
  const begin = isWanted(exact, toFirst, limit);
  const { kept } = loop(sub(most, integer(1)), begin, [toFirst], "further", (body, [before]) => {
    const next = argMax(before!, 0, { largest: false });
    const after = max(before!, gather(body.seen(nearness), next, 0));
    return { goOn: isWanted(body.seen(exact), after, body.seen(limit)), state: [after], kept: [next] };
  });
  return concat([unsqueeze(first, 0), kept[0]!], 0);
}

function onDiagonal(graph: GraphBuilder, points: number): Value {
  const all = range(scalar(graph, "int64", 0), scalar(graph, "int64", points), points);
  return equal(unsqueeze(all, 0), unsqueeze(all, 1));
}

/**
 * Every patch with its nearest centre by squared Euclidean distance, ties to the first: W [R, N] in raster order of the centres, and
 * these.
 *
 * @param lengths [N, 1]
 * @param centres int64 [R], in the order of choice
 */
function clusterMeans(
  cosines: Value,
  lengths: Value,
  centres: Value,
): { readonly kept: Value; readonly weights: Value } {
  const { graph } = cosines;
  const integer = (value: number) => scalar(graph, "int64", value);
  const points = cosines.shape[0] as number;
  const rows = sizeOf(centres, 0);
  const numbers = range(integer(0), squeeze(rows, 0), centres.shape[0]!);
  // |a - c|^2 less |a|^2: c's square, and twice their product.
  const own = gather(lengths, centres, 0); // [R, 1]
  const products = mul(mul(gather(cosines, centres, 0), own), transpose(lengths, [1, 0]));
  const distances = sub(mul(own, own), mul(scalar(graph, "float32", 2), products));
  const nearest = scatterElements(argMax(distances, 0, { largest: false }), centres, numbers, 0); // [N]
  const [kept, order] = topK(centres, rows, centres.shape[0]!, { largest: false });
  const members = cast(equal(unsqueeze(order, 1), expand(unsqueeze(nearest, 0), [1, points])), "float32");
  return { kept, weights: div(members, reduce("ReduceSum", members, 1, true)) };
}
