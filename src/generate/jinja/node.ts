/** A node of a parsed template. */
// biome-ignore lint/suspicious/noExplicitAny: its fields depend on the type
export type Node = { readonly type: string } & Readonly<Record<string, any>>;
