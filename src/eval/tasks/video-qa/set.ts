/** One of the benchmarks in the packaging of Video-ChatGPT and Video-LLaVA. */
export interface VideoQaSet {
  /** Lower-case, for the command line. */
  readonly name: string;
  readonly title: string;
  /** Its folder in `GPT_Zero_Shot_QA`. */
  readonly folder: string;
  /** Folders beside its question file where videos may lie. */
  readonly videos: readonly string[];
  /** What stands before a video's name in the name of its file. */
  readonly prefix: string;
  /** Whether its types of questions mean something: ActivityNet-QA's do. MSVD-QA's are 3 throughout. */
  readonly typed: boolean;
}

export const msvdQa: VideoQaSet = {
  name: "msvd-qa",
  title: "MSVD-QA",
  folder: "MSVD_Zero_Shot_QA",
  videos: ["videos"],
  prefix: "",
  typed: false,
};

export const msrvttQa: VideoQaSet = {
  name: "msrvtt-qa",
  title: "MSRVTT-QA",
  folder: "MSRVTT_Zero_Shot_QA",
  videos: ["videos/all", "videos"],
  prefix: "",
  typed: false,
};

export const activityNetQa: VideoQaSet = {
  name: "activitynet-qa",
  title: "ActivityNet-QA",
  folder: "Activitynet_Zero_Shot_QA",
  videos: ["all_test", "videos", "../all_test", "../videos"],
  prefix: "v_",
  typed: true,
};
