// What the public API answers, as docs/openapi.json describes it: the same at build time and in a browser.

export interface File {
  target: string;
  bundle: string;
  url: string;
  size: number;
  sha256: string;
  signature: string | null;
  updater: boolean;
}

export interface Step {
  percent: number;
  at: string;
  gate: string | null;
}

export interface Standing {
  channel: string;
  state: "everyone" | "held" | "not-started" | "partial" | "stopped" | "superseded" | "withdrawn";
  percent: number;
  targets: string[];
  since: string | null;
  reason: string | null;
  halted: boolean;
  next: Step | null;
}

export interface Withdrawal {
  channels: string[];
  at: string;
  reason: string;
  instead: string | null;
}

export interface Release {
  version: string;
  published: string;
  notes: string;
  minimum_os: Record<string, string>;
  downloads: "gone" | "hide" | "keep";
  files: File[];
  channels: Standing[];
  withdrawals: Withdrawal[];
}

export interface Releases {
  product: string;
  environment: string;
  releases: Release[];
  next: string | null;
}

export interface Stop {
  versions: string[] | null;
  since: string;
  reason: string;
  halted: boolean;
}

export interface Newest {
  target: string;
  title: string;
  version: string | null;
  file: File | null;
}

export interface Channel {
  channel: string;
  newest: Newest[];
  rollouts: { version: string; standing: Standing }[];
  stops: Stop[];
}

export interface Channels {
  product: string;
  environment: string;
  channels: Channel[];
}

export interface Passage {
  channel: string;
  version: string;
  targets: "all" | string[];
  fraction: number;
  ramp: { from: number; until: string } | null;
  serving: { start: string; end: string | null };
  reason: string;
  held: boolean;
  commit: string | null;
}

export interface History {
  product: string;
  environment: string;
  releases: Passage[];
}
