/**
 * MVBench's twenty tasks, by the names of their files, and where the release with cut videos (the dataset's branch `video`, the one that
 * lmms-eval reads) has the videos of each. Source: lmms_eval/tasks/mvbench/utils.py.
 */
export const mvbenchSources = {
  action_sequence: "star/Charades_segment",
  action_prediction: "star/Charades_segment",
  action_antonym: "ssv2_video_mp4",
  fine_grained_action: "Moments_in_Time_Raw/videos",
  unexpected_action: "FunQA_test/test",
  object_existence: "clevrer/video_validation",
  object_interaction: "star/Charades_segment",
  object_shuffle: "perception/videos",
  moving_direction: "clevrer/video_validation",
  action_localization: "sta/sta_video_segment",
  scene_transition: "scene_qa/video",
  action_count: "perception/videos",
  moving_count: "clevrer/video_validation",
  moving_attribute: "clevrer/video_validation",
  state_change: "perception/videos",
  fine_grained_pose: "nturgbd_convert",
  character_order: "perception/videos",
  egocentric_navigation: "vlnqa",
  episodic_reasoning: "tvqa/video_fps3_hq_segment",
  counterfactual_inference: "clevrer/video_validation",
} as const;

export type MvbenchTask = keyof typeof mvbenchSources;

export const mvbenchTasks = Object.keys(mvbenchSources) as readonly MvbenchTask[];
