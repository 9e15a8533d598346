/** The words of the page that a first reader need not know. */
export const explanations = {
  "visual token":
    "What a language model reads of a picture: a row of numbers for each small square of it, as a word is a token of a sentence. A reduction hands on fewer rows than there are squares.",
  fence:
    "Where unusual attention begins: above the third quartile by 1.5 times the middle half's width (Tukey's rule for outliers). Patches above the fence are kept.",
  cache:
    "The keys and values that the language model keeps of each token it has read, for as long as it answers. Their memory grows with every token.",
  prompt: "All that the language model reads before it answers: the picture's visual tokens and the words.",
  "first word":
    "From picture tokens and question to the first word of the answer: the language model reads the whole prompt in this time, so it shrinks with the tokens.",
  patch: "The vision tower cuts a picture into a grid of small squares, its patches, and describes each one.",
  position: "The number that tells the language model where in the prompt a token stands.",
} as const;

export type Word = keyof typeof explanations;
