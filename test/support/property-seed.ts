import fc from "fast-check";

/**
 * Property tests draw the same cases in every run, so that a red run can be repeated and a green one means the same
 * everywhere. `FC_SEED=$RANDOM npx vitest run` looks for new counterexamples.
 */
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 576) });
