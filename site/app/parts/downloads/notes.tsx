// What is new in a version: Markdown, rendered at build time. HTML in it stays text, and links lead to the web or nowhere.
import { micromark } from "micromark";

export function Notes({ text }: { text: string }) {
  return <div className="prose" dangerouslySetInnerHTML={{ __html: micromark(asMarkdown(text)) }} />;
}

/** Notes of several plain lines hold one point a line; what has a mark of Markdown's at a line's start is Markdown. */
export function asMarkdown(text: string): string {
  const lines = text.trim().split("\n");
  const isPlain = lines.length > 1 && lines.every((line) => /^[^\s#>*+\-|`~<\d]/.test(line));
  return isPlain ? lines.map((line) => `- ${line}`).join("\n") : text;
}
