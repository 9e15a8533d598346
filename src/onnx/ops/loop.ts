import type { GraphBuilder, Value } from "../builder.js";
import { type Dim, sameShape, shapeError, showShape } from "../shape.js";

/** What one turn of a loop makes of what the turn before it made. */
export interface LoopTurn {
  /** bool scalar: whether there is another turn. */
  readonly goOn: Value;
  /** Of the type and shape of what the turn was given. */
  readonly state: readonly Value[];
  /** What is kept of this turn. */
  readonly kept: readonly Value[];
}

/** What a loop leaves behind. */
export interface LoopEnd {
  readonly state: readonly Value[];
  /** One of each turn, below each other: [turns, ...]. */
  readonly kept: readonly Value[];
}

/**
 * Runs a part of the graph again and again.
 *
 * @param most int64 scalar: turns at most
 * @param begin bool scalar: whether there is a first turn
 * @param dim the number of turns in shapes
 * @param turn is given the body and the state in it; values from outside come in by `body.seen`
 */
export function loop(
  most: Value,
  begin: Value,
  state: readonly Value[],
  dim: Dim,
  turn: (body: GraphBuilder, state: readonly Value[]) => LoopTurn,
): LoopEnd {
  const { graph } = most;
  const body = graph.body("loop");
  body.input("turn", "int64", []);
  body.input("begin", "bool", []);
  const inside = state.map(({ type, shape }, at) => body.input(`state_${at}`, type, shape));
  const made = turn(body, inside);
  made.state.forEach((after, at) => {
    const before = inside[at]!;
    if (after.type !== before.type || !sameShape(after.shape, before.shape)) {
      const show = ({ type, shape }: Value) => `${type}${showShape(shape)}`;
      throw shapeError("Loop", `a state ${show(before)} as before the turn`, show(after));
    }
  });
  body.output("go_on", made.goOn);
  made.state.forEach((value, at) => {
    body.output(`next_${at}`, value);
  });
  made.kept.forEach((value, at) => {
    body.output(`kept_${at}`, value);
  });
  const results = graph.node(
    "Loop",
    [most, begin, ...state],
    [
      ...state.map(({ type, shape }) => ({ type, shape })),
      ...made.kept.map(({ type, shape }) => ({ type, shape: [dim, ...shape] })),
    ],
    { attributes: { body: { graph: body } } },
  );
  return { state: results.slice(0, state.length), kept: results.slice(state.length) };
}
