declare module "virtual:model" {
  /** Address of the model folder, relative to the page. */
  const address: string;
  export default address;
}

declare module "virtual:samples" {
  export const samples: readonly import("./backend/model-backend.js").Sample[];
}
