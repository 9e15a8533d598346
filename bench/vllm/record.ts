import type OpenAI from "openai";
import { askServer, type Reduction, type Sampling, type Turn } from "./ask.js";
import type { Exchange, Recorder } from "./recorder.js";
import { refusedBodies } from "./refusals.js";
import type { Sample } from "./samples.js";

/** An exchange with what it shows. */
export interface NamedExchange extends Exchange {
  readonly name: string;
}

interface Scene {
  readonly name: string;
  readonly turns: readonly Turn[];
  readonly tokens?: number;
  readonly sampling?: Sampling;
}

/** What `prumerge serve` and vLLM say to each other, once per kind of request. */
export async function recordAnswers(
  client: OpenAI,
  recorder: Recorder,
  samples: readonly Sample[],
): Promise<NamedExchange[]> {
  const exchanges: NamedExchange[] = [];
  for (const { name, turns, tokens, sampling } of scenes(samples)) {
    const reduction = (tokens === undefined ? {} : { visual_tokens: tokens }) as Reduction;
    recorder.take();
    const options = { stream: true, max_tokens: 24, temperature: 0, ...sampling };
    await askServer(client, turns, reduction, options).catch((error: unknown) => {
      // What vLLM refuses is wanted too; nothing else may go wrong.
      if ((error as { readonly status?: number }).status !== 400) throw error;
    });
    const [exchange, ...others] = recorder.take();
    if (exchange === undefined || others.length > 0) throw new Error(`${name}: not one exchange`);
    exchanges.push({ name, ...exchange });
  }
  return exchanges;
}

/** What vLLM says to bodies that `prumerge serve` never sends, and the names of those that end it. */
export async function recordRefusals(
  recorder: Recorder,
  model: string,
  width: number,
  restart: () => Promise<unknown>,
): Promise<{ readonly exchanges: NamedExchange[]; readonly fatal: string[] }> {
  const exchanges: NamedExchange[] = [];
  const fatal: string[] = [];
  for (const { name, body } of refusedBodies(model, width)) {
    recorder.take();
    try {
      const answer = await fetch(`${recorder.url}/v1/chat/completions`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      await answer.text();
      exchanges.push({ name, ...recorder.take()[0]! });
    } catch {
      console.log(`vLLM ends by: ${name}`);
      fatal.push(name);
      await restart();
    }
  }
  return { exchanges, fatal };
}

/** Pictures in the order bear, apples, dogs: the stand-in's tests ask with the same. */
function scenes(samples: readonly Sample[]): Scene[] {
  const [apples, , bear] = samples;
  const where: Turn[] = [{ role: "user", text: "Where is the bear?", pictures: [bear!] }];
  const both: Turn[] = [{ role: "user", text: "What are these?", pictures: [bear!, apples!] }];
  const again: Turn[] = [
    { role: "user", text: "What color is the background?", pictures: [bear!] },
    { role: "assistant", text: "blue" },
    { role: "user", text: "How many objects are in the image?" },
  ];
  return [
    { name: "one picture, 576 rows", turns: where, tokens: 576 },
    { name: "one picture, 64 rows", turns: where, tokens: 64 },
    { name: "one picture, 16 rows", turns: where, tokens: 16 },
    { name: "two pictures", turns: both, tokens: 64 },
    { name: "two turns", turns: again, tokens: 64 },
    { name: "no picture", turns: [{ role: "user", text: "Hello?" }] },
    {
      name: "sampled, with stop strings",
      turns: where,
      tokens: 64,
      sampling: { max_tokens: 8, temperature: 0.7, top_p: 0.9, seed: 5, stop: ["."] },
    },
    { name: "an answer that is cut", turns: where, tokens: 64, sampling: { max_tokens: 1 } },
    {
      name: "more tokens than the context has left",
      turns: where,
      tokens: 64,
      sampling: { max_tokens: 2000 },
    },
  ];
}
