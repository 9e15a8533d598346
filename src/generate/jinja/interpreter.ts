import { type Environment, Interpreter } from "@huggingface/jinja";
import { FilterArguments } from "./filter-arguments.js";
import { filters } from "./filters.js";
import { bind, loopOf, setVariable } from "./loops.js";
import type { Node } from "./node.js";
import { binary } from "./operators.js";
import { stringMethod } from "./string-methods.js";
import { select, testNamed } from "./tests.js";
import { isList, isMap, isText, isUndefined, itemsOf, make, pairsOf, textOf, type Value } from "./values.js";

/** @huggingface/jinja's interpreter with the methods that it keeps to itself. */
interface OpenInterpreter {
  evaluate(node: Node | undefined, environment: Environment): Value;
  evaluateBlock(nodes: readonly Node[], environment: Environment): Value;
  evaluateArguments(nodes: readonly Node[], environment: Environment): [Value[], Map<string, Value>];
  evaluateBinaryExpression(node: Node, environment: Environment): Value;
  evaluateMemberExpression(node: Node, environment: Environment): Value;
  evaluateTestExpression(node: Node, environment: Environment): Value;
  applyFilter(operand: Value, filter: Node, environment: Environment): Value;
}
const Base = Interpreter as unknown as new (environment: Environment) => OpenInterpreter;

/** `{% break %}` or `{% continue %}`, with what its iteration has printed so far. */
class LoopControl extends Error {
  text = "";
  constructor(readonly kind: "Break" | "Continue") {
    super(`${kind.toLowerCase()} outside of a loop`);
  }
}

/** Statements that print nothing themselves. */
const silent: readonly string[] = ["Set", "Macro", "Comment"];

/**
 * Runs templates as jinja2 runs them where @huggingface/jinja 0.5 does not: what is printed is Python's text for it
 * (`None`, `True`, lists), undefined values behave as jinja2's, loops keep their scopes and what they printed, and texts
 * have Python's methods. What neither knows ends in an error.
 */
export class PythonInterpreter extends Base {
  override evaluate(node: Node | undefined, environment: Environment): Value {
    if (node?.type === "Evaluated") return node.value;
    if (node?.type === "For") return this.#loop(node, environment);
    if (node?.type === "Break" || node?.type === "Continue") throw new LoopControl(node.type);
    return super.evaluate(node, environment);
  }

  override evaluateBlock(nodes: readonly Node[], environment: Environment): Value {
    let text = "";
    for (const node of nodes) {
      try {
        const value = this.evaluate(node, environment);
        if (!silent.includes(node.type)) text += textOf(value);
      } catch (error) {
        if (error instanceof LoopControl) error.text = text + error.text;
        throw error;
      }
    }
    return make(text);
  }

  override evaluateBinaryExpression(node: Node, environment: Environment): Value {
    const operator: string = node.operator.value;
    if (operator === "and" || operator === "or") return super.evaluateBinaryExpression(node, environment);
    const [left, right] = [this.evaluate(node.left, environment), this.evaluate(node.right, environment)];
    const own = binary(operator, left, right);
    if (own !== undefined) return own;
    const known = (value: Value) => ({ type: "Evaluated", value });
    return super.evaluateBinaryExpression({ ...node, left: known(left), right: known(right) }, environment);
  }

  override evaluateMemberExpression(node: Node, environment: Environment): Value {
    const object = this.evaluate(node.object, environment);
    if (isUndefined(object)) throw new Error(`${nameOf(node.object)} is undefined`);
    const known = { ...node, object: { type: "Evaluated", value: object } };
    if (!node.computed) {
      return ownAttribute(object, node.property.value) ?? super.evaluateMemberExpression(known, environment);
    }
    if (node.property.type === "SliceExpression") return super.evaluateMemberExpression(known, environment);
    const property = this.evaluate(node.property, environment);
    if (isText(object) && property.type === "IntegerValue")
      return make(Array.from(object.value as string).at(property.value));
    return super.evaluateMemberExpression(
      { ...known, property: { type: "Evaluated", value: property } },
      environment,
    );
  }

  override evaluateTestExpression(node: Node, environment: Environment): Value {
    const operand = this.evaluate(node.operand, environment);
    return make(testNamed(node.test.value, environment)(operand) !== node.negate);
  }

  override applyFilter(operand: Value, node: Node, environment: Environment): Value {
    const called = node.type === "CallExpression";
    const name: string = called ? node.callee.value : node.value;
    const given = () => {
      const [positional, named] = called ? this.evaluateArguments(node.args, environment) : [];
      return new FilterArguments(positional, named);
    };
    const selected = select(operand, name, given, environment);
    if (selected !== undefined) return selected;
    const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
    if (filter !== undefined) {
      const args = given();
      const result = filter(operand, args);
      args.refuseOthers(name);
      return result;
    }
    const texts = ["replace", "indent"].includes(name) && !isText(operand);
    return super.applyFilter(texts ? make(textOf(operand)) : operand, node, environment);
  }

  /** Every turn has a scope of its own; the `else` is for loops without a turn that came to its end. */
  #loop(node: Node, environment: Environment): Value {
    const { iterable, loopvar, body, defaultBlock } = node;
    const test: Node | undefined = iterable.type === "SelectExpression" ? iterable.test : undefined;
    const all = itemsOf(this.evaluate(test === undefined ? iterable : iterable.lhs, environment));
    const scopeFor = (item: Value): Environment => {
      const scope = new (environment.constructor as new (parent: Environment) => Environment)(environment);
      bind(loopvar, item, scope);
      return scope;
    };
    const items = all.filter(
      (item) => test === undefined || this.evaluate(test, scopeFor(item)).__bool__().value,
    );
    let text = "";
    let ended = false;
    for (const [i, item] of items.entries()) {
      const scope = scopeFor(item);
      setVariable(scope, "loop", loopOf(items, i));
      try {
        text += this.evaluateBlock(body, scope).value;
        ended = true;
      } catch (error) {
        if (!(error instanceof LoopControl)) throw error;
        text += error.text;
        if (error.kind === "Break") break;
      }
    }
    if (!ended) text += this.evaluateBlock(defaultBlock, environment).value;
    return make(text);
  }
}

function nameOf(node: Node): string {
  return node.type === "Identifier" ? `'${node.value}'` : "what comes before a name or an index";
}

/** An attribute of a value of Python's; `undefined` where the library's own is right. */
function ownAttribute(object: Value, name: string): Value | undefined {
  if (name === "length" && (isText(object) || isList(object))) return make(undefined);
  if (name === "items" && isMap(object)) {
    const method = make(() => null);
    method.value = () => pairsOf(object);
    return method;
  }
  return isText(object) ? stringMethod(object, name) : undefined;
}
