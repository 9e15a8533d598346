import { Command } from "commander";
import { interruptible } from "../interrupt.js";
import { addModelOptions, type ModelOptions } from "../options.js";

/** Of the pictures beside the bundled model, and a question that it answers. */
const sample = { file: "sample_3.png", question: "Where is the bear?" };

export function demoCommand(): Command {
  const command = new Command("demo").description(
    "ask the bundled model about a sample picture: unreduced, with prumerge+ and with prumerge",
  );
  return addModelOptions(command).action((options: ModelOptions) =>
    interruptible((signal) => demo(options, signal)),
  );
}

async function demo(options: ModelOptions, signal: AbortSignal): Promise<void> {
  const [{ withModel }, { readPicture }, { samplePath }, { widthOf, write }] = await Promise.all([
    import("../open-model.js"),
    import("../pictures.js"),
    import("../../model/find-folder.js"),
    import("../terminal.js"),
  ]);
  const path = samplePath(sample.file);
  await withModel({ ...options, pictures: [path] }, signal, async (model, status) => {
    status.show("Asking ...");
    const [{ reportAnswer }, { compareReducers }, { formatDemo }, { noReduction, pruMerge }] =
      await Promise.all([
        import("../answer-report.js"),
        import("../../model/compare-reducers.js"),
        import("../format-demo.js"),
        import("../../reduce/index.js"),
      ]);
    const pictures = [await readPicture(path, signal)];
    const reducers = [noReduction(), model.defaultReducer, pruMerge()];
    const compared = await compareReducers(model, pictures, sample.question, reducers, {
      see: { signal },
      answer: { signal },
    });
    const reports = compared.map(({ seen, result }) => reportAnswer(seen, result));
    status.clear();
    await write(process.stdout, formatDemo(path, sample.question, reports, widthOf(process.stdout)));
  });
}
