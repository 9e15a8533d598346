import { z } from "zod";
import { type HubFile, toHubFile } from "./listing.js";

/** A listing as huggingface_hub keeps it since version 2, in `trees/COMMIT.json`. */
const treeSchema = z.object({
  format_version: z.literal(1),
  files: z.record(
    z.string(),
    z.object({
      size: z.int().nonnegative(),
      blob_id: z.string(),
      lfs_sha256: z.string().nullish(),
      lfs_size: z.int().nonnegative().nullish(),
    }),
  ),
});

/** The files of such a listing; undefined where it is of another format or damaged: then the hub is asked. */
export function parseTree(text: string | undefined, name: string): HubFile[] | undefined {
  if (text === undefined) return undefined;
  try {
    const { files } = treeSchema.parse(JSON.parse(text));
    return Object.entries(files).map(([path, { size, blob_id, lfs_sha256, lfs_size }]) =>
      toHubFile(name, {
        path,
        size,
        oid: blob_id,
        ...(lfs_sha256 && { lfs: { oid: lfs_sha256, size: lfs_size ?? size } }),
      }),
    );
  } catch {
    return undefined;
  }
}
