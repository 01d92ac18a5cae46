export type Kind = "text" | "count" | "figure" | "share" | "signed" | "seconds" | "fine";
export type Cell = string | number | null;

/** A cell as people read it: APA style where 1 is the limit, a dash where there is no number. */
export function written(cell: Cell, kind: Kind): string {
  if (cell === null) return "–";
  if (typeof cell === "string") return cell;
  switch (kind) {
    case "count":
      return String(Math.round(cell));
    case "share":
      return `${Math.round(cell * 100)} %`;
    case "figure":
      return minus(unled(zero(cell.toFixed(2))));
    case "signed": {
      const text = zero(cell.toFixed(2));
      return minus(Number(text) > 0 ? `+${text}` : text);
    }
    case "fine":
      return minus(
        unled(zero(Math.abs(cell) >= 10 ? cell.toFixed(0) : cell.toFixed(Math.abs(cell) < 1 ? 3 : 2))),
      );
    default:
      return minus(String(cell));
  }
}

function zero(text: string): string {
  return Number(text) === 0 ? text.replace("-", "") : text;
}

function unled(text: string): string {
  return text.replace(/^(-?)0\./, "$1.");
}

function minus(text: string): string {
  return text.replace("-", "−");
}
