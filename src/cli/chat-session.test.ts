import { expect, it } from "vitest";
import type { Picture } from "../image/index.js";
import type { LoadedModel, SeeOptions } from "../model/model.js";
import { uniformSampling } from "../reduce/index.js";
import type { VisualTokens } from "../see/visual-tokens.js";
import { ChatSession } from "./chat-session.js";

/** A model that is shown several pictures otherwise than one; `seen` lists what was asked of it. */
function sessionOf(several: "pad" | undefined) {
  const seen: { pictures: readonly Picture[]; count: number | undefined }[] = [];
  const shown: string[] = [];
  const chat = {
    show: (picture: VisualTokens) => void shown.push(`show ${picture}`),
    showAnew: (pictures: readonly VisualTokens[]) => void shown.push(`anew ${pictures}`),
  };
  const model = {
    chat: () => chat,
    imageAspectFor: ({ pictures = 1 }: SeeOptions) => (pictures > 1 ? several : undefined),
    async see(pictures: readonly Picture[], _: unknown, options: SeeOptions) {
      seen.push({ pictures, count: options.pictures });
      return pictures.map(({ width }) => `${width} of ${options.pictures}`);
    },
  } as unknown as LoadedModel;
  const settings = { reducer: uniformSampling({ tokens: 4 }), see: {}, answer: {}, seed: undefined };
  return { session: new ChatSession(model, settings), shown, seen };
}
const picture = (width: number): Picture => ({ width, height: 1, data: new Uint8Array(3 * width) });

it("shows the pictures before anew, once there are several and the model is shown those otherwise", async () => {
  const { session, shown, seen } = sessionOf("pad");
  await session.show([picture(1)]);
  expect(await session.show([picture(2)])).toEqual(["2 of 2"]);
  expect(await session.show([picture(3)])).toEqual(["3 of 3"]);
  expect(shown).toEqual(["show 1 of 1", "anew 1 of 2,2 of 2", "show 3 of 3"]);
  await session.clear();
  expect(seen.at(-1)).toEqual({ pictures: [picture(1), picture(2), picture(3)], count: 3 });
});

it("leaves them as they are where the model is shown all pictures alike, and takes several at once", async () => {
  const { session, shown } = sessionOf(undefined);
  await session.show([picture(1), picture(2)]);
  await session.show([picture(3)]);
  expect(shown).toEqual(["show 1 of 2", "show 2 of 2", "show 3 of 3"]);
});
