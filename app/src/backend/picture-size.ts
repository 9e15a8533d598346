/** A picture's size, upright, as the browser decodes it. */
export async function pictureSize(
  picture: Blob,
): Promise<{ readonly width: number; readonly height: number }> {
  const bitmap = await createImageBitmap(picture).catch(() => {
    throw new Error("This browser cannot show the file as a picture.");
  });
  const { width, height } = bitmap;
  bitmap.close();
  return { width, height };
}
