// A link that looks like a button.
//   <Button to="/download/" primary detail="12 MB">Download</Button>
// to: where it leads; primary: the one thing to do on a page; small: in a row of a table; detail: in small letters behind.
// Everything else that a link takes (download, rel, data-…, aria-…) is handed on.
import type { ComponentProps, ReactNode } from "react";

interface Props extends Omit<ComponentProps<"a">, "href" | "className"> {
  to: string;
  primary?: boolean;
  small?: boolean;
  detail?: ReactNode;
}

export function Button({ to, primary = false, small = false, detail, children, ...rest }: Props) {
  return (
    <a href={to} className={["button", primary && "primary", small && "small"].filter(Boolean).join(" ")} {...rest}>
      {children}
      {detail && <span className="detail">{detail}</span>}
    </a>
  );
}
