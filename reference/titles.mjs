import { Converter } from "typedoc";

/** Names a guide by its first heading; TypeDoc knows it by its file's name only. */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => {
    const text = document.content.map((part) => part.text).join("");
    const heading = /^# (.+)$/m.exec(text);
    if (heading) document.name = heading[1].replaceAll("`", "");
  });
}
