import { clone } from "@bufbuild/protobuf";
import { PrumergeError } from "../errors.js";
import { type GraphProto, type ModelProto, ModelProtoSchema, type NodeProto } from "./schema/onnx_pb.js";

/**
 * A copy of a model that computes only some of its outputs; nodes, initializers and inputs that these do not need are
 * dropped. Fields of the model that say nothing about them are kept.
 *
 * @throws PrumergeError NOT_FOUND where there is no such output
 */
export function keepOutputs(model: ModelProto, names: readonly string[]): ModelProto {
  const result = clone(ModelProtoSchema, model);
  const graph = graphOf(result);
  graph.output = names.map((name) => {
    const output = graph.output.find((candidate) => candidate.name === name);
    if (output !== undefined) return output;
    const expected = `one of ${graph.output.map((candidate) => candidate.name).join(", ")}`;
    throw new PrumergeError("NOT_FOUND", "the graph has no such output", { expected, found: name });
  });
  const producers = new Map<string, NodeProto>();
  for (const node of graph.node)
    for (const output of node.output) if (output !== "") producers.set(output, node);
  const needed = new Set<string>();
  const kept = new Set<NodeProto>();
  const open = [...names];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (needed.has(name)) continue;
    needed.add(name);
    const node = producers.get(name);
    if (node === undefined || kept.has(node)) continue;
    kept.add(node);
    open.push(...namesRead(node));
  }
  graph.node = graph.node.filter((node) => kept.has(node));
  graph.initializer = graph.initializer.filter((tensor) => needed.has(tensor.name));
  graph.sparseInitializer = graph.sparseInitializer.filter((tensor) => needed.has(tensor.values?.name ?? ""));
  graph.input = graph.input.filter((input) => needed.has(input.name));
  const written = new Set(graph.node.flatMap((node) => node.output));
  graph.valueInfo = graph.valueInfo.filter((info) => written.has(info.name));
  return result;
}

/**
 * A copy of a model in which one value of the main graph, an input, output or anything between, has another name. Names
 * inside subgraphs count as taken too: there a name of the main graph's would stand for something else.
 *
 * @throws PrumergeError NOT_FOUND where there is none, INVALID_OPTION where the new name is taken or empty
 */
export function renameValue(model: ModelProto, from: string, to: string): ModelProto {
  const result = clone(ModelProtoSchema, model);
  const graph = graphOf(result);
  // An empty name stands for an input or output that is left out.
  if (from === "" || !valueNames(graph).has(from))
    throw new PrumergeError("NOT_FOUND", "the graph has no such value", { found: JSON.stringify(from) });
  if (to === "") {
    throw new PrumergeError("INVALID_OPTION", "a value needs a name", {
      expected: "at least one character",
      found: '""',
    });
  }
  if (graphsWithin(graph).some((each) => valueNames(each).has(to)))
    throw new PrumergeError("INVALID_OPTION", "the name is taken", { found: to });
  const renamed = (name: string) => (name === from ? to : name);
  // Subgraphs see the values of the graph around them; one that has the name for a value of its own keeps its meaning.
  for (const each of graphsWithin(graph)) renameIn(each, renamed);
  return result;
}

function renameIn(graph: GraphProto, renamed: (name: string) => string): void {
  for (const list of [graph.input, graph.output, graph.initializer, graph.valueInfo]) {
    for (const named of list) named.name = renamed(named.name);
  }
  for (const { values } of graph.sparseInitializer) {
    if (values !== undefined) values.name = renamed(values.name);
  }
  for (const node of graph.node) {
    node.input = node.input.map(renamed);
    node.output = node.output.map(renamed);
  }
  for (const annotation of graph.quantizationAnnotation) {
    annotation.tensorName = renamed(annotation.tensorName);
    for (const entry of annotation.quantParameterTensorNames) entry.value = renamed(entry.value);
  }
}

/** Names that a node reads, from within its subgraphs too. */
function namesRead(node: NodeProto): string[] {
  const names = node.input.filter((name) => name !== "");
  for (const graph of subgraphs(node)) {
    for (const inner of graph.node) names.push(...namesRead(inner));
    names.push(...graph.output.map((output) => output.name));
  }
  return names;
}

function subgraphs(node: NodeProto): GraphProto[] {
  return node.attribute.flatMap(({ g, graphs }) => (g === undefined ? graphs : [g, ...graphs]));
}

/** A graph and those inside it, however deep. */
function graphsWithin(graph: GraphProto): GraphProto[] {
  return [graph, ...graph.node.flatMap(subgraphs).flatMap(graphsWithin)];
}

function valueNames(graph: GraphProto): Set<string> {
  return new Set([
    ...[graph.input, graph.output, graph.initializer].flatMap((list) => list.map((named) => named.name)),
    ...graph.sparseInitializer.flatMap(({ values }) => values?.name ?? []),
    ...graph.node.flatMap((node) => [...node.input, ...node.output]),
  ]);
}

function graphOf(model: ModelProto): GraphProto {
  if (model.graph !== undefined) return model.graph;
  throw new PrumergeError("INVALID_FILE", "a model without a graph");
}
