// What is new in a version: Markdown, rendered at build time. HTML in it stays text, and links lead to the web or nowhere.
import { micromark } from "micromark";

// below: the level of the heading that stands above them; theirs come under it.
export function Notes({ text, below }: { text: string; below: number }) {
  return <div className="prose" dangerouslySetInnerHTML={{ __html: lowered(micromark(asMarkdown(text)), below) }} />;
}

// micromark writes no other `<h1` than a heading's: what a note says of tags it escapes.
function lowered(html: string, below: number): string {
  const highest = Math.min(...[...html.matchAll(/<h([1-6])>/g)].map(([, level]) => Number(level)));
  return html.replace(/(<\/?h)([1-6])>/g, (_, start: string, level: string) => `${start}${Math.min(6, Number(level) - highest + below + 1)}>`);
}

/** Notes of several plain lines hold one point a line; what has a mark of Markdown's at a line's start is Markdown. */
export function asMarkdown(text: string): string {
  const lines = text.trim().split("\n");
  const isPlain = lines.length > 1 && lines.every((line) => /^[^\s#>*+\-|`~<\d]/.test(line));
  return isPlain ? lines.map((line) => `- ${line}`).join("\n") : text;
}
