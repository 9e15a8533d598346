/** The server's endpoints inside a program of one's own, beside its other paths. */
import { readFileSync } from "node:fs";
import { Hono } from "hono";
import { loadModel } from "prumerge";
import { createHandler } from "prumerge/serve";

const model = await loadModel();
const vision = await createHandler({ model, modelName: "pocket-llava" });
const app = new Hono();
app.get("/", (c) => c.text("my own page"));
app.mount("/vision", vision.fetch);
// With Node: serve({ fetch: app.fetch, port: 8000 }) of @hono/node-server. Here it is asked without a port.

const picture = readFileSync(new URL("../models/pocket-llava/samples/sample_3.png", import.meta.url));
const image = {
  type: "image_url",
  image_url: { url: `data:image/png;base64,${picture.toString("base64")}` },
};
const content = [image, { type: "text", text: "Where is the bear?" }];
const body = JSON.stringify({ model: "pocket-llava", messages: [{ role: "user", content }] });
const headers = { "content-type": "application/json" };
const answer = await app.request("/vision/v1/chat/completions", { method: "POST", headers, body });
const said = (await answer.json()) as { choices: { message: { content: string } }[] };
console.log(answer.status, said.choices[0]?.message.content);
await vision.close();
await model.dispose();
