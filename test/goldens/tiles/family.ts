import type { PreprocessSpec } from "prumerge/image";

/** What differs between the recorded families of pictures in tiles. */
export interface TiledGoldens {
  /** The class of its image processor in transformers. */
  readonly processor: string;
  /** What its file says of the size of the whole picture and of tiles. */
  readonly whole: (tile: number) => object;
  /** To how many tiles' patches a larger map is shrunk. */
  readonly mostTiles?: number;
  /** How each of several pictures of one prompt becomes squares. */
  readonly several?: PreprocessSpec["aspect"];
}

export const nextGoldens: TiledGoldens = {
  processor: "LlavaNextImageProcessor",
  whole: (tile) => ({ size: { shortest_edge: tile }, crop_size: { height: tile, width: tile } }),
};

/** Its `vision_aspect_ratio` is anyres_max_9 in every case. */
export const onevisionGoldens: TiledGoldens = {
  processor: "LlavaOnevisionImageProcessor",
  whole: (tile) => ({ size: { height: tile, width: tile } }),
  mostTiles: 9,
  several: "pad",
};
