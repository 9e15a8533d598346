import { Explained } from "./explained.js";

/** A text in which the word "fence", where it stands, is explained. */
export function WithFence({ text }: { readonly text: string }) {
  const [before, after] = text.split("fence");
  if (after === undefined) return text;
  return (
    <>
      {before}
      <Explained word="fence" />
      {after}
    </>
  );
}
