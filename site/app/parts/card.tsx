// A box of the sheet's colour. Several stand in <Cards>, as many beside each other as there is room for.
//   <Cards><Card title="Linux (64-bit)">…</Card></Cards>
// title: an h3; id: for links to it.
import type { ReactNode } from "react";

export function Card({ title, id, children }: { title?: ReactNode; id?: string; children: ReactNode }) {
  return (
    <div className="card" id={id}>
      {title && <h3>{title}</h3>}
      {children}
    </div>
  );
}

export function Cards({ children }: { children: ReactNode }) {
  return <div className="cards">{children}</div>;
}
