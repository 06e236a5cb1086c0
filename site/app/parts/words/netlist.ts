// What stands in a SPICE netlist, for colouring: remarks, dot commands, and the names of elements.

export interface Token {
  kind: "comment" | "directive" | "element" | "text";
  text: string;
}

const WORD = /^(\s*)(\S+)([^]*)$/;

/** All of the source, in order. The first line of a netlist is its title, which no simulator reads. */
export function tokens(source: string): Token[] {
  return source.split("\n").flatMap((line, index) => [...words(line, index === 0), { kind: "text", text: "\n" }]).slice(0, -1) as Token[];
}

function words(line: string, title: boolean): Token[] {
  if (title || line.trimStart().startsWith("*")) return [{ kind: "comment", text: line }];
  const [, space = "", word = "", rest = ""] = WORD.exec(line) ?? [];
  if (!word) return [{ kind: "text", text: line }];
  const at = rest.search(/;|\s\$\s/);
  const [before, remark] = at < 0 ? [rest, ""] : [rest.slice(0, at), rest.slice(at)];
  const kind = word.startsWith(".") ? "directive" : /^[A-Z]\w*$/.test(word) ? "element" : "text";
  const found: Token[] = [{ kind: "text", text: space }, { kind, text: word }, { kind: "text", text: before }, { kind: "comment", text: remark }];
  return found.filter(({ text }) => text !== "");
}
