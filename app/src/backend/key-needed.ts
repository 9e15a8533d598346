/** The server wants a key, or another one. */
export class KeyNeeded extends Error {
  override readonly name = "KeyNeeded";
}
