// What to type, or to compare, with a button that copies it.
import { Copy } from "./copy-button";
import "./downloads.css";

export function Command({ text, what }: { text: string; what: string }) {
  return (
    <div className="command">
      <code>{text}</code>
      <Copy what={what} />
    </div>
  );
}
