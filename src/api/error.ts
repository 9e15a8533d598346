/** What a refused request is answered with: OpenAI's shape. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    /** Where in the request, such as `prumerge.visual_tokens`. */
    readonly param: string | null;
    readonly code: string | null;
  };
}
