import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";

import { Notes } from "./notes";

const html = (text: string) => renderToStaticMarkup(<Notes text={text} below={2} />);

test("plain lines are points, and Markdown is what it says", () => {
  expect(html("One.\nTwo.")).toContain("<li>Two.</li>");
  expect(html("Only **one**.")).toContain("<p>Only <strong>one</strong>.</p>");
  expect(html("# Title\n\n- point")).toContain("<h3>Title</h3>");
});

test("headings come under the one above the notes, in their own order", () => {
  expect(html("# One\n\n## Two")).toMatch(/<h3>One<\/h3>\s*<h4>Two<\/h4>/);
  expect(html("## Two\n\n###### Six")).toMatch(/<h3>Two<\/h3>\s*<h6>Six<\/h6>/);
});

test("nothing of a note runs", () => {
  const made = html("<script>alert(1)</script>\n\n[a](javascript:alert(1)) ![b](javascript:alert(1))");
  expect(made).not.toContain("<script");
  expect(made).not.toContain("javascript:");
});
