import { expect, it, vi } from "vitest";
import type { ModelBackend, SeenPicture } from "../backend/model-backend.js";
import { Session } from "./session.js";

const seen: SeenPicture = { inspect: () => Promise.reject(new Error("nobody draws here")) };
const backend = (see: ModelBackend["see"]) => ({ info: { samples: [] }, see }) as unknown as ModelBackend;

it("reads a picture that was chosen before the model was there", async () => {
  const session = new Session();
  const see = vi.fn(async () => seen);
  const opening = session.open(async () => backend(see));
  session.add(new Blob(), "early.png");
  await opening;
  await expect.poll(() => session.current?.seen).toBe(seen);
  expect(see).toHaveBeenCalledTimes(1);
});

it("reads one picture after another, each once", async () => {
  const session = new Session();
  const see = vi.fn(async () => seen);
  await session.open(async () => backend(see));
  session.add(new Blob(), "first.png");
  session.add(new Blob(), "second.png");
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
  session.add(new Blob(), "photo.png");
  session.show({ maxPixels: 90_000 });
  await expect.poll(() => session.current?.seen).toBe(seen);
  tell({ ...seen });
  await late;
  expect(ways).toEqual([{}, { maxPixels: 90_000 }]);
  expect(session.current?.seen).toBe(seen);
});
