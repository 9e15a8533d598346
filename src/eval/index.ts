/**
 * Benchmarks: questions asked of a model under many configurations, scored by official rules, and reported.
 *
 * @module prumerge/eval
 */
export { type ErrorCode, type ErrorDetails, PrumergeError } from "../errors.js";
export type { Repair } from "./journal/record-journal.js";
export { type JudgeEndpoint, type JudgeProtocol, judgeProtocols } from "./judge/endpoint.js";
export { type JudgementRecord, judgementSchema } from "./judge/judge-journal.js";
export type { JudgedSets, JudgeSettings } from "./judge/judge-sets.js";
export type { JudgeCost, JudgeSummary } from "./judge/judge-summary.js";
export type { JudgeTotals } from "./judge/judge-totals.js";
export type { PythonError } from "./judge/python-integer.js";
export { collectReport, type ReportOptions } from "./report/collect.js";
export type { Column } from "./report/column.js";
export type { Framing } from "./report/difference-figure.js";
export { type FigureFile, figureFiles } from "./report/figure-files.js";
export { lmmsEvalSamples, type SampleFile } from "./report/lmms-eval.js";
export { type ReportFormat, renderReport, reportFormats } from "./report/render-report.js";
export type * from "./report/report-data.js";
export type { AskedQuestion, Assignment, HashedPicture } from "./run/assignment.js";
export {
  type MethodOptions,
  type PlannedConfigurations,
  planConfigurations,
} from "./run/configurations.js";
export type { Evaluation, EvaluationEvents } from "./run/evaluate.js";
export { evaluateModel, type ModelEvaluation } from "./run/evaluate-model.js";
export type { AnsweredSet, FinalFiles } from "./run/final-files.js";
export { loadOwnMethods, type OwnMethod } from "./run/own-methods.js";
export type { MissingPictures, PlannedTask, RunnableTask } from "./run/plan-assignments.js";
export { readRecords, readRun, readScores } from "./run/read-run.js";
export {
  type AnswerRecord,
  answerRecordSchema,
  type Configuration,
  configurationSchema,
  type FailureRecord,
  failureRecordSchema,
  type JournalRecord,
  type Run,
  type RunTask,
  recordSchema,
  runSchema,
  runTaskSchema,
  type ScoresFile,
  scoresFileSchema,
  type TaskScores,
  taskScoresSchema,
} from "./run/run-folder.js";
export type { QuestionSelection } from "./run/select-questions.js";
export { type ScoreReport, type ScoreRequest, scoreAnswers } from "./score-answers.js";
export type { Interval } from "./statistics/interval.js";
export { holm } from "./statistics/p-value.js";
export type { ScoreInterval } from "./statistics/score-intervals.js";
export type * from "./task.js";
export { taskFolder } from "./task-folder.js";
export { findTask, tasks } from "./tasks/registry.js";
