/** A picture file as a `data:` URL, read once per file. */
export class DataUrls {
  readonly #urls = new WeakMap<Blob, Promise<string>>();

  get(file: Blob): Promise<string> {
    const known = this.#urls.get(file) ?? read(file);
    this.#urls.set(file, known);
    return known;
  }
}

function read(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error("The picture cannot be read."));
    reader.readAsDataURL(file);
  });
}
