// A state in one or two words; the colour only repeats what the words say.
//   <Tag tone="bad">withdrawn</Tag>
export type Tone = "plain" | "good" | "warn" | "bad";

export function Tag({ tone = "plain", children }: { tone?: Tone; children: string }) {
  return <span className={`tag tone-${tone}`}>{children}</span>;
}
