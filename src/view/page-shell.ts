import { scriptDigest } from "./digest.js";
import { escapeText } from "./svg.js";

/** A page that is one file. */
export interface PageParts {
  readonly title: string;
  readonly style: string;
  /** Inside of `<main>`. */
  readonly body: string;
  readonly script: string;
  /** What the script reads from the element `#data`. */
  readonly data?: unknown;
  /** Whether the body brings styles of its own, as figures do. Default false. */
  readonly styledBody?: boolean;
}

/** The whole page, which asks nothing of the network, and forbids itself to. */
export async function htmlPage({
  title,
  style,
  body,
  script,
  data,
  styledBody = false,
}: PageParts): Promise<string> {
  const policy = [
    "default-src 'none'",
    "img-src data:",
    `style-src ${styledBody ? "'unsafe-inline'" : `'${await scriptDigest(style)}'`}`,
    `script-src '${await scriptDigest(script)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const held =
    data === undefined ? "" : `<script type="application/json" id="data">${embed(data)}</script>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeText(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>
${held}<script>${script}</script>
</body>
</html>
`;
}

/** JSON that cannot end its own script element. */
function embed(data: unknown): string {
  return JSON.stringify(data).replaceAll("<", "\\u003c");
}
