/**
 * Brings a candidate's worth up to date by some of the choices that it does not know yet, lowering it in the array that was
 * handed to {@link chooseGreedily}.
 *
 * @param chosen choices so far, in their order; those from `count` on are not made yet
 * @returns whether there was anything to do
 */
export type Refresh = (candidate: number, chosen: Int32Array, count: number) => boolean;

/**
 * Chooses the candidate of highest worth, again and again; of equal ones the lowest index. Worths only fall by what is chosen,
 * so that those that are not up to date are upper bounds, and only the candidates that may be next are brought up to date.
 * The choice is the one of working out every worth at every step (lazy greedy, Minoux 1978).
 *
 * @param worths upper bounds for each candidate; no NaN; changed
 * @param count 0 .. number of candidates
 * @returns candidates in the order of choice, [count]
 */
export function chooseGreedily(worths: Float64Array, count: number, refresh: Refresh): Int32Array {
  const heap = Int32Array.from(worths, (_, candidate) => candidate);
  for (let at = (heap.length >> 1) - 1; at >= 0; at--) sink(heap, heap.length, worths, at);
  const chosen = new Int32Array(count);
  for (let step = 0; step < count; step++) {
    const waiting = heap.length - step;
    while (refresh(heap[0], chosen, step)) sink(heap, waiting, worths, 0);
    chosen[step] = heap[0];
    heap[0] = heap[waiting - 1];
    sink(heap, waiting - 1, worths, 0);
  }
  return chosen;
}

/** Moves a heap's entry down to its place. */
function sink(heap: Int32Array, length: number, worths: Float64Array, from: number): void {
  const candidate = heap[from];
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= length) break;
    if (child + 1 < length && comesFirst(worths, heap[child + 1], heap[child])) child++;
    if (!comesFirst(worths, heap[child], candidate)) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = candidate;
}

function comesFirst(worths: Float64Array, a: number, b: number): boolean {
  return worths[a] > worths[b] || (worths[a] === worths[b] && a < b);
}
