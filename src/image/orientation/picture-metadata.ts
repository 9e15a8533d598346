/** What a picture file says beside its pixels, as far as orientation needs it. */
export interface PictureMetadata {
  /** An EXIF block, with or without the six bytes `Exif\0\0` before it, once or twice. */
  readonly exif?: Uint8Array;
  /** An XMP packet: XML as UTF-8 or Latin-1. */
  readonly xmp?: Uint8Array;
}
