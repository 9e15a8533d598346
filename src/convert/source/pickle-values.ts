/** What a restricted pickle can hold. Tuples are frozen arrays, lists are arrays, dictionaries are maps. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | readonly PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickleGlobal
  | PickleStorage
  | PickleObject
  | PickleTensor;

/** A name that the pickle refers to; never looked up anywhere but in our short list. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}

/** Something that only a look at a refused pickle holds: what it would have made, by the name that it calls. */
export class PickleObject {
  constructor(readonly name: string) {}
}

/** A torch storage: an entry of the archive. `type` is undefined for untyped bytes, counted in bytes. */
export class PickleStorage {
  constructor(
    readonly key: string,
    readonly type: string | undefined,
    readonly length: number,
  ) {}
}

/** A view of a storage; offset, shape and strides in elements. */
export class PickleTensor {
  constructor(
    readonly storage: PickleStorage,
    readonly type: string,
    readonly offset: number,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
  ) {}
}
