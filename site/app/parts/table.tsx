// A table that scrolls in its own box where it is wider than the page; the box takes the focus so that keys can scroll it.
//   <Table caption="Files of 1.4.0" head={["File", "Size"]}><tr><th scope="row">…</th><td className="number">…</td></tr></Table>
// caption: what it shows, also its name for screen readers; head: the names of the columns, for numbers ["Size", "number"].
import type { ReactNode } from "react";

interface Props {
  caption: string;
  head: readonly (string | readonly [name: string, kind: "number"])[];
  children: ReactNode;
}

export function Table({ caption, head, children }: Props) {
  return (
    <div className="sheet" role="region" aria-label={caption} tabIndex={0}>
      <table>
        <caption>{caption}</caption>
        <thead>
          <tr>
            {head.map((each) => {
              const [name, kind] = typeof each === "string" ? [each, undefined] : each;
              return <th key={name} scope="col" className={kind}>{name}</th>;
            })}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
