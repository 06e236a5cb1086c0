// Circuits of content/circuits/: the traces that ./inv site simulate computed of a netlist, and the drawing beside it. Only
// loaders may read them.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Axis {
  quantity: string;
  unit: string;
  log: boolean;
}

export interface Simulated {
  netlist_sha256: string;
  ngspice: string;
  title: string;
  x: Axis;
  y: Axis;
  series: { name: string; channel: 1 | 2 | 3 | 4; points: [x: number, y: number][] }[];
}

// On a grid whose unit is the distance of two pins' lines; x grows to the end, y downwards.
export interface Drawn {
  title: string; // what a screen reader says instead
  size: [width: number, height: number];
  parts: Part[];
  wires: [x: number, y: number][][];
  dots?: [x: number, y: number][]; // where wires join
  nets?: { at: [x: number, y: number]; name: string; anchor?: Anchor }[];
}

export type Symbol = "R" | "C" | "L" | "V" | "B" | "I" | "D" | "Q" | "U" | "N" | "G";
export type Anchor = "start" | "middle" | "end";

// A part of two pins lies from `at` four units on: downwards, or turned by 90, 180 or 270 degrees clockwise about `at`. A
// transistor's `at` is its base, an amplifier's its output; ground hangs from its `at`. N is an inverter.
export interface Part {
  symbol: Symbol;
  at: [x: number, y: number];
  turn?: 0 | 90 | 180 | 270;
  mirror?: boolean;
  name?: string;
  value?: string;
  label?: { at: [x: number, y: number]; anchor?: Anchor }; // where the name stands, when not beside the part
}

const FOLDER = join(process.cwd(), "content/circuits");
const read = <T>(name: string): T => JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as T;

export const simulated = (name: string) => read<Simulated>(`${name}.json`);
export const drawn = (name: string) => read<Drawn>(`${name}.schematic.json`);
export const netlist = (name: string) =>
  readFileSync(join(FOLDER, `${name}.cir`), "utf8");

/** All of them, by name, for texts that show one. */
export const simulations = (): Record<string, Simulated> =>
  Object.fromEntries(
    readdirSync(FOLDER).filter((file) => file.endsWith(".cir")).map((file) => [file.slice(0, -4), simulated(file.slice(0, -4))]),
  );
