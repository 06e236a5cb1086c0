import type { ReactNode } from "react";
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useMatches } from "react-router";

import "./app.css";
import { product } from "./data";
import { Frame } from "./parts/frame";

export function loader() {
  return { product: product() };
}

// Pages whose `handle` says `static` get no JavaScript of React's.
const isStatic = (handle: unknown) => (handle as { static?: boolean } | undefined)?.static === true;

export function Layout({ children }: { children: ReactNode }) {
  const still = useMatches().some(({ handle }) => isStatic(handle));
  return (
    <html lang="en" dir="ltr">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <Meta />
        <Links />
      </head>
      <body>
        <Frame>{children}</Frame>
        {!still && <ScrollRestoration />}
        {!still && <Scripts />}
      </body>
    </html>
  );
}

export default function Root() {
  return <Outlet />;
}
