/**
 * Whether a prompt asks a task's question: whether it holds the first line of the question's text. What stands around it
 * (instructions, recognised tokens, conversation templates) is the program's own affair; case and white space do not count.
 */
export function asksFor(prompt: string, text: string): boolean {
  if (prompt.startsWith(text)) return true; // LLaVA's own prompts: no copies
  const question = plain(text.split("\n", 1)[0]);
  return plain(prompt).includes(question);
}

function plain(text: string): string {
  return text.replace(/\s+/g, " ").trim().toLowerCase();
}
