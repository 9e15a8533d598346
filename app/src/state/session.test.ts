import { expect, it, vi } from "vitest";
import type { ModelBackend, SeenPicture } from "../backend/model-backend.js";
import { Session } from "./session.js";

// Never drawn; but who prints an object with an `inspect` calls it.
const seen: SeenPicture = { inspect: () => new Promise(() => undefined) };
/** As much of a JPEG file as is looked at. */
const jpeg = new Blob([Uint8Array.of(0xff, 0xd8, 0xff)]);
const backend = (see: ModelBackend["see"]) => ({ info: { samples: [] }, see }) as unknown as ModelBackend;

it("reads a picture that was chosen before the model was there", async () => {
  const session = new Session();
  const see = vi.fn(async () => seen);
  const opening = session.open(async () => backend(see));
  session.add(jpeg, "early.png");
  await opening;
  await expect.poll(() => session.current?.seen).toBe(seen);
  expect(see).toHaveBeenCalledTimes(1);
});

it("reads one picture after another, each once", async () => {
  const session = new Session();
  const see = vi.fn(async () => seen);
  await session.open(async () => backend(see));
  session.add(jpeg, "first.png");
  session.add(jpeg, "second.png");
  await expect.poll(() => session.state.pictures.map((picture) => picture.seen)).toEqual([seen, seen]);
  session.select(session.state.pictures[0]!.id);
  expect(see).toHaveBeenCalledTimes(2);
});

it("shows its pictures anew in another way, and forgets what was seen in the one before", async () => {
  const session = new Session();
  const ways: unknown[] = [];
  let tell: (seen: SeenPicture) => void = () => undefined;
  const late = new Promise<SeenPicture>((resolve) => {
    tell = resolve;
  });
  await session.open(async () =>
    backend(async ({ way }) => {
      ways.push(way);
      return ways.length === 1 ? late : seen;
    }),
  );
  session.add(jpeg, "photo.png");
  await expect.poll(() => ways).toHaveLength(1);
  session.show({ maxPixels: 90_000 });
  await expect.poll(() => session.current?.seen).toBe(seen);
  tell({ ...seen });
  await late;
  expect(ways).toEqual([{}, { maxPixels: 90_000 }]);
  expect(session.current?.seen).toBe(seen);
});
