// A circuit's schematic, drawn from the description beside its netlist (app/circuits.ts says what stands in it).
//   <Schematic of={drawn("rectifier")} />
import type { Drawn, Part, Symbol } from "../circuits";

const UNIT = 20; // px

// From the first pin at 0,0 four units down to the second. Ground hangs; a transistor has its base at 0,0, collector above;
// an amplifier has its output at 0,0, the inverting input above. V is a source of alternating voltage, B of any other.
const SYMBOLS: Record<Symbol, string> = {
  R: "M0 0V19l8 3.500-16 7 16 7-16 7 16 7-16 7 8 3.500V80",
  C: "M0 0V36M-14 36H14M-14 44H14M0 44V80",
  L: "M0 0V20a5 5 0 0 1 0 10a5 5 0 0 1 0 10a5 5 0 0 1 0 10a5 5 0 0 1 0 10V80",
  V: "M0 0V22M0 58V80M18 40a18 18 0 1 0-36 0a18 18 0 1 0 36 0M-10 40q5-12 10 0t10 0",
  B: "M0 0V22M0 58V80M18 40a18 18 0 1 0-36 0a18 18 0 1 0 36 0M-5 33h10M0 28v10M-5 48h10",
  I: "M0 0V22M0 58V80M18 40a18 18 0 1 0-36 0a18 18 0 1 0 36 0M0 29V51M-5 45L0 51L5 45",
  D: "M0 0V31M-11 31H11L0 49ZM-11 49H11M0 49V80",
  Q: "M0 0H18M18-16V16M18-6L40-22V-40M18 6L40 22V40M38 15L40 22L33 23",
  U: "M0 0L-60-38V38ZM-60-20H-80M-60 20H-80M-54-20h9M-54 20h9M-49.500 15.500v9",
  N: "M0 0V20M-15 20H15L0 48ZM4 52a4 4 0 1 0-8 0a4 4 0 1 0 8 0M0 56V80",
  G: "M0 0V10M-12 10H12M-7 15H7M-2 20H2",
};

const MARGIN = 16;

export function Schematic({ of }: { of: Drawn }) {
  const [width, height] = of.size.map((units) => units * UNIT + 2 * MARGIN) as [number, number];
  return (
    <div className="schematic">
      <svg
        viewBox={`${-MARGIN} ${-MARGIN} ${width} ${height}`} width={width} height={height}
        role="img" aria-label={of.title}
      >
        <path d={of.wires.map((wire) => `M${wire.map(([x, y]) => `${x * UNIT} ${y * UNIT}`).join("L")}`).join("")} />
        {of.parts.map((part) => <Drawing key={`${part.symbol}${part.at.join()}`} part={part} />)}
        {of.dots?.map(([x, y]) => <circle key={`${x},${y}`} className="solid" cx={x * UNIT} cy={y * UNIT} r={2.5} />)}
        {of.nets?.map(({ at: [x, y], name, anchor }) => (
          <text key={name} className="net" x={x * UNIT} y={y * UNIT} textAnchor={anchor ?? "start"}>{name}</text>
        ))}
      </svg>
    </div>
  );
}

function Drawing({ part }: { part: Part }) {
  const [x, y] = [part.at[0] * UNIT, part.at[1] * UNIT];
  const turned = part.turn ? ` rotate(${part.turn})` : "";
  const mirrored = part.mirror ? " scale(1 -1)" : "";
  const lying = part.turn === 90 || part.turn === 270;
  const [left, top, anchor] = beside(part);
  const gap = lying ? "\u00a0" : undefined;
  return (
    <>
      <path d={SYMBOLS[part.symbol]} transform={`translate(${x} ${y})${turned}${mirrored}`} />
      {part.name && (
        <text x={left} y={part.value && !lying ? top - 7 : top} textAnchor={anchor}>
          {part.name}
          {part.value && <tspan className="value" {...(lying ? {} : { x: left, dy: 15 })}>{gap}{part.value}</tspan>}
        </text>
      )}
    </>
  );
}

// Behind a part that stands, above one that lies.
function beside({ at, turn = 0, label, symbol }: Part): [x: number, y: number, anchor: "start" | "middle" | "end"] {
  if (label) return [label.at[0] * UNIT, label.at[1] * UNIT, label.anchor ?? "start"];
  const [x, y] = [at[0] * UNIT, at[1] * UNIT];
  if (turn === 90 || turn === 270) return [x + (turn === 270 ? 40 : -40), y - 18, "middle"];
  return [x + (symbol === "R" || symbol === "L" ? 14 : 22), y + (turn === 180 ? -36 : 44), "start"];
}
