/** Takes a sentence that people should read: what was passed over, or put right, and why. */
export type Note = (sentence: string) => void;

/** For callers that show none. */
export const noNote: Note = () => undefined;
