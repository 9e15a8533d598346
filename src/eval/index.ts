export { type ErrorCode, type ErrorDetails, PrumergeError } from "../errors.js";
export { collectReport, type ReportOptions } from "./report/collect.js";
export { type FigureFile, figureFiles } from "./report/figure-files.js";
export { type ReportFormat, renderReport } from "./report/render-report.js";
export type * from "./report/report-data.js";
export type { MethodOptions, PlannedConfigurations } from "./run/configurations.js";
export { planConfigurations } from "./run/configurations.js";
export type { Evaluation, EvaluationEvents } from "./run/evaluate.js";
export { evaluateModel, type ModelEvaluation } from "./run/evaluate-model.js";
export { loadOwnMethods, type OwnMethod } from "./run/own-methods.js";
export { readRecords, readRun, readScores } from "./run/read-run.js";
export type {
  AnswerRecord,
  Configuration,
  FailureRecord,
  JournalRecord,
  Run,
  TaskScores,
} from "./run/run-folder.js";
export type { QuestionSelection } from "./run/select-questions.js";
export { type ScoreReport, type ScoreRequest, scoreAnswers } from "./score-answers.js";
export type { Interval } from "./statistics/interval.js";
export { holm } from "./statistics/p-value.js";
export type * from "./task.js";
export { taskFolder } from "./task-folder.js";
export { findTask, tasks } from "./tasks/registry.js";
