/** Ask about a picture in the browser: no server, the model runs in a worker of the page. */
import { loadModel, pruMergePlus } from "prumerge/browser";

const file = document.querySelector<HTMLInputElement>("#file")!;
const question = document.querySelector<HTMLInputElement>("#question")!;
const answer = document.querySelector<HTMLOutputElement>("#answer")!;

const model = await loadModel("pocket-llava/", {
  onProgress: ({ loadedBytes, totalBytes }) => {
    answer.value = `${Math.round((100 * loadedBytes) / totalBytes)} % of the model`;
  },
});
answer.value = "Choose a picture.";

document.querySelector("form")!.addEventListener("submit", async (event) => {
  event.preventDefault();
  const seen = await model.see(file.files![0]!, pruMergePlus({ tokens: 64 }));
  answer.value = "";
  for await (const text of model.answer(seen, question.value)) answer.value += text;
});
