import { PickleGlobal, PickleObject, type PickleValue } from "./pickle-values.js";
import { callGlobal, isAllowedGlobal, storageOf } from "./torch-globals.js";
import type { Unpickler } from "./unpickler.js";

/** The opcodes that torch's state dictionaries use, with CPython's names. */
export const operations: ReadonlyMap<number, (machine: Unpickler) => void> = new Map([
  [0x80, protocol], // PROTO
  [0x4e, (machine: Unpickler) => machine.push(null)], // NONE
  [0x88, (machine: Unpickler) => machine.push(true)], // NEWTRUE
  [0x89, (machine: Unpickler) => machine.push(false)], // NEWFALSE
  [0x4b, (machine: Unpickler) => machine.push(machine.input.byte())], // BININT1
  [0x4d, (machine: Unpickler) => machine.push(machine.input.unsigned(2))], // BININT2
  [0x4a, (machine: Unpickler) => machine.push(machine.input.unsigned(4) | 0)], // BININT
  [0x8a, (machine: Unpickler) => machine.push(machine.input.long(machine.input.byte()))], // LONG1
  [0x47, (machine: Unpickler) => machine.push(machine.input.double())], // BINFLOAT
  [0x58, (machine: Unpickler) => machine.push(machine.input.text(machine.input.unsigned(4)))], // BINUNICODE
  [0x28, (machine: Unpickler) => machine.mark()], // MARK
  [0x29, (machine: Unpickler) => machine.push(Object.freeze([]))], // EMPTY_TUPLE
  [0x85, (machine: Unpickler) => machine.push(Object.freeze(machine.popSeveral(1)))], // TUPLE1
  [0x86, (machine: Unpickler) => machine.push(Object.freeze(machine.popSeveral(2)))], // TUPLE2
  [0x87, (machine: Unpickler) => machine.push(Object.freeze(machine.popSeveral(3)))], // TUPLE3
  [0x74, (machine: Unpickler) => machine.push(Object.freeze(machine.popMark()))], // TUPLE
  [0x5d, (machine: Unpickler) => machine.push([])], // EMPTY_LIST
  [0x61, (machine: Unpickler) => append(machine, machine.popSeveral(1))], // APPEND
  [0x65, (machine: Unpickler) => append(machine, machine.popMark())], // APPENDS
  [0x7d, (machine: Unpickler) => machine.push(new Map())], // EMPTY_DICT
  [0x73, (machine: Unpickler) => setItems(machine, machine.popSeveral(2))], // SETITEM
  [0x75, (machine: Unpickler) => setItems(machine, machine.popMark())], // SETITEMS
  [0x71, (machine: Unpickler) => machine.remember(machine.input.byte())], // BINPUT
  [0x72, (machine: Unpickler) => machine.remember(machine.input.unsigned(4))], // LONG_BINPUT
  [0x68, (machine: Unpickler) => machine.recall(machine.input.byte())], // BINGET
  [0x6a, (machine: Unpickler) => machine.recall(machine.input.unsigned(4))], // LONG_BINGET
  [0x63, name], // GLOBAL
  [0x51, storage], // BINPERSID
  [0x52, call], // REDUCE
  [0x62, build], // BUILD
  [0x81, make], // NEWOBJ
]);

function protocol(machine: Unpickler): void {
  const version = machine.input.byte();
  if (version !== 2) throw machine.unsafe(`pickle protocol ${version}`);
}

function name(machine: Unpickler): void {
  const full = `${machine.input.line()}.${machine.input.line()}`;
  if (!isAllowedGlobal(full) && !machine.looking) throw machine.unsafe(full.slice(0, 200));
  machine.push(new PickleGlobal(full));
}

function storage(machine: Unpickler): void {
  const found = storageOf(machine.pop());
  if (found === undefined && !machine.looking)
    throw machine.unsafe("a reference to something other than a tensor's storage");
  machine.push(found ?? new PickleObject("something that is no storage"));
}

function call(machine: Unpickler): void {
  const [callee, args] = machine.popSeveral(2) as [PickleValue, PickleValue];
  const result = callGlobal(callee, args);
  if (result === undefined && !machine.looking) {
    const called = callee instanceof PickleGlobal ? callee.name : "something that is no function";
    throw machine.unsafe(`a call of ${called} in a way that torch does not`);
  }
  machine.push(result === undefined ? standIn(callee) : result);
}

/** Objects are made by no state dictionary. */
function make(machine: Unpickler): void {
  if (!machine.looking) throw machine.unsafe("opcode 0x81");
  const [callee] = machine.popSeveral(2) as [PickleValue, PickleValue];
  machine.push(standIn(callee));
}

/** What a call would make: a dictionary of another kind is looked into, anything else is known by its name. */
function standIn(callee: PickleValue): PickleValue {
  const name = callee instanceof PickleGlobal ? callee.name : "something unnamed";
  return /(?:^|\.)(?:default|Ordered)?[dD]ict$/.test(name) ? new Map() : new PickleObject(name);
}

/** Attributes set on a dictionary (`_metadata` of state dictionaries) mean nothing to us. */
function build(machine: Unpickler): void {
  machine.pop();
  if (!(machine.top instanceof Map) && !machine.looking)
    throw machine.unsafe("state set on something other than a dictionary");
}

function append(machine: Unpickler, items: readonly PickleValue[]): void {
  const list = machine.top;
  if (list instanceof PickleObject) return;
  if (!Array.isArray(list) || Object.isFrozen(list)) throw machine.malformed("an item added to no list");
  for (const item of items) (list as PickleValue[]).push(item);
}

function setItems(machine: Unpickler, items: readonly PickleValue[]): void {
  const map = machine.top;
  if (map instanceof PickleObject) return;
  if (!(map instanceof Map) || items.length % 2 !== 0)
    throw machine.malformed("an item set on no dictionary");
  for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
}
