import { renderCsv } from "./csv.js";
import { renderHtml } from "./html.js";
import { renderLatex } from "./latex.js";
import { renderMarkdown } from "./markdown.js";
import type { ReportData } from "./report-data.js";

/** The forms of a report, by their file endings. */
export const reportFormats = ["html", "md", "csv", "tex"] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** A report as text: one self-contained page, Markdown tables, comma-separated values, or a LaTeX table. */
export async function renderReport(data: ReportData, format: ReportFormat): Promise<string> {
  switch (format) {
    case "html":
      return renderHtml(data);
    case "md":
      return renderMarkdown(data);
    case "csv":
      return renderCsv(data);
    case "tex":
      return renderLatex(data);
  }
}
