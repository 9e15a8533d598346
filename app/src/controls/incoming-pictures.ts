import { useEffect, useState } from "preact/hooks";
import { isClip } from "../backend/clip-file.js";

/** Takes pictures and videos that are dropped or pasted anywhere on the page; tells whether one is being dragged over it. */
export function useIncomingPictures(onFile: (file: File) => void): boolean {
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const take = (files: FileList | undefined) => {
      const file = [...(files ?? [])].find(
        (each) => each.type.startsWith("image/") || isClip(each, each.name),
      );
      if (file !== undefined) onFile(file);
      return file !== undefined;
    };
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setDragging(true);
    };
    const leave = (event: DragEvent) => {
      if (event.relatedTarget === null) setDragging(false);
    };
    const drop = (event: DragEvent) => {
      event.preventDefault();
      setDragging(false);
      take(event.dataTransfer?.files);
    };
    const paste = (event: ClipboardEvent) => {
      if (take(event.clipboardData?.files)) event.preventDefault();
    };
    document.addEventListener("dragover", over);
    document.addEventListener("dragleave", leave);
    document.addEventListener("drop", drop);
    document.addEventListener("paste", paste);
    return () => {
      document.removeEventListener("dragover", over);
      document.removeEventListener("dragleave", leave);
      document.removeEventListener("drop", drop);
      document.removeEventListener("paste", paste);
    };
  }, [onFile]);
  return dragging;
}
