// Running text, such as what a Markdown file holds: headings, paragraphs, lists, code, tables, pictures.
//   <Prose><Written /></Prose>
import type { ReactNode } from "react";

export function Prose({ children }: { children: ReactNode }) {
  return <div className="prose">{children}</div>;
}
