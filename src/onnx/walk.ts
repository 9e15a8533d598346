import type { GraphProto, ModelProto, NodeProto, TensorProto } from "./schema/onnx_pb.js";

/** Every node of a model: of its main graph, of the graphs inside control flow, of its functions. */
export function* nodesOf(model: ModelProto): Generator<NodeProto> {
  if (model.graph !== undefined) yield* graphNodes(model.graph);
  for (const { node } of model.functions) yield* nestedNodes(node);
}

function graphNodes(graph: GraphProto): Generator<NodeProto> {
  return nestedNodes(graph.node);
}

function* nestedNodes(nodes: readonly NodeProto[]): Generator<NodeProto> {
  for (const node of nodes) {
    yield node;
    for (const { g, graphs } of node.attribute) {
      for (const graph of g === undefined ? graphs : [g, ...graphs]) yield* graphNodes(graph);
    }
  }
}

/** Every tensor that a model stores: initializers of all its graphs, sparse ones, and tensors in attributes. */
export function* tensorsOf(model: ModelProto): Generator<TensorProto> {
  if (model.graph !== undefined) yield* storedIn(model.graph);
  for (const node of nodesOf(model)) {
    for (const { t, tensors, sparseTensor, sparseTensors, g, graphs } of node.attribute) {
      if (t !== undefined) yield t;
      yield* tensors;
      for (const sparse of sparseTensor === undefined ? sparseTensors : [sparseTensor, ...sparseTensors]) {
        if (sparse.values !== undefined) yield sparse.values;
        if (sparse.indices !== undefined) yield sparse.indices;
      }
      for (const graph of g === undefined ? graphs : [g, ...graphs]) yield* storedIn(graph);
    }
  }
}

function* storedIn(graph: GraphProto): Generator<TensorProto> {
  yield* graph.initializer;
  for (const { values, indices } of graph.sparseInitializer) {
    if (values !== undefined) yield values;
    if (indices !== undefined) yield indices;
  }
}
