/** Opens the browser's file picker from a click or a key. */
export function chooseFiles({ many }: { many: boolean }): Promise<File[]> {
  return new Promise((resolve) => {
    const input = document.createElement("input");
    input.type = "file";
    input.multiple = many;
    // A hint only: some systems give a recording no type at all, so everything stays choosable.
    input.accept = "video/*,audio/*,.mkv,.mts,.m2ts,.mxf";
    input.addEventListener("change", () => resolve([...(input.files ?? [])]));
    input.addEventListener("cancel", () => resolve([]));
    input.click();
  });
}

const RECORDING =
  /\.(mp4|m4v|mov|mkv|webm|avi|wmv|mpe?g|mts|m2ts|ts|3gp|flv|ogv|mxf|mp3|m4a|aac|wav|flac|ogg|opus|wma|aiff?)$/i;

/** The files of a drop; of a dropped folder, the recordings in it and below it. */
export async function droppedFiles(data: DataTransfer): Promise<File[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (!entries.some((entry) => entry.isDirectory)) return [...data.files];
  const found: File[] = [];
  for (const entry of entries) await collect(entry, found, true);
  return found;
}

async function collect(entry: FileSystemEntry, found: File[], named: boolean): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    if (named || RECORDING.test(file.name)) found.push(file);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives at most a hundred entries at a time.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    for (const inner of some) await collect(inner, found, false);
  }
}
