/** Puts tables between their markers; a marker that is missing is an error. */
export function fillMarkers(document: string, tables: Readonly<Record<string, string>>): string {
  let text = document;
  for (const [name, content] of Object.entries(tables)) {
    const pattern = new RegExp(`(<!-- measured:${name} -->)[\\s\\S]*?(<!-- /measured:${name} -->)`);
    if (!pattern.test(text)) throw new Error(`the document has no place for the table ${name}`);
    text = text.replace(pattern, (_, start: string, end: string) => `${start}\n${content}\n${end}`);
  }
  return text;
}
