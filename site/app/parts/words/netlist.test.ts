import { expect, test } from "vitest";

import { tokens } from "./netlist";

const SOURCE = `RC low-pass
* a remark
V1 in 0 DC 1 ; the source
R1 in out 1k
.tran 10u 10m

.end`;

test("nothing of a netlist is lost by colouring it", () => {
  expect(tokens(SOURCE).map(({ text }) => text).join("")).toBe(SOURCE);
});

test("title, remarks, dot commands and elements are told apart", () => {
  const of = (kind: string) => tokens(SOURCE).filter((each) => each.kind === kind).map(({ text }) => text);
  expect(of("comment")).toEqual(["RC low-pass", "* a remark", "; the source"]);
  expect(of("directive")).toEqual([".tran", ".end"]);
  expect(of("element")).toEqual(["V1", "R1"]);
});
