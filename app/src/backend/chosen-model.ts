/** The model that a page runs: its folder's address, and what to call it. */
export interface ChosenModel {
  readonly address: string;
  readonly name: string;
  /** Whether it is the one that came with the page. */
  readonly bundled: boolean;
}

/**
 * The model that `?model=FOLDER` in the page's address names: a converted folder on the same web space. Without it the one that
 * came with the page.
 *
 * @throws Error for a folder elsewhere: the page asks no other host
 */
export function chosenModel(search: string, bundled: string, base: string): ChosenModel {
  const asked = new URLSearchParams(search).get("model");
  if (asked === null || asked === "") return { address: bundled, name: "pocket-llava", bundled: true };
  const url = URL.canParse(asked, base) ? new URL(asked, base) : undefined;
  if (url === undefined || url.origin !== new URL(base).origin) {
    throw new Error(
      `A model is run from this page's own web space alone, and ${asked} is not there: put its folder beside the page.`,
    );
  }
  const folder = url.pathname.replace(/\/+$/, "");
  return {
    address: `${url.origin}${folder}/`,
    name: decodeURIComponent(folder.split("/").at(-1)!),
    bundled: false,
  };
}
