import type { ReactNode } from "react";
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useLocation, useMatches, useRouteError, useRouteLoaderData } from "react-router";

import "./app.css";
import consent from "./browser/consent?worker&url";
import { product } from "./data";
import { Analytics, counting } from "./parts/analytics";
import { ErrorScript, telling } from "./parts/errors/error-script";
import { Replay, replaying } from "./parts/errors/replay";
import { Trouble } from "./parts/errors/trouble";
import { Frame } from "./parts/frame";
import { InlineScript } from "./parts/inline-script";
import { THEME } from "./parts/theme";

export function loader() {
  const known = product();
  const replay = replaying(known);
  const counted = counting(known);
  return { product: known, errors: telling(known), counted, replay, consent: replay || (counted && "id" in counted) ? consent : null };
}

// Pages whose `handle` says `static` get no JavaScript of React's.
const isStatic = (handle: unknown) => (handle as { static?: boolean } | undefined)?.static === true;

export function Layout({ children }: { children: ReactNode }) {
  const still = useMatches().some(({ handle }) => isStatic(handle));
  const { product: known, errors, counted, replay, consent: asked } = useRouteLoaderData<typeof loader>("root") ?? {};
  const { pathname } = useLocation();
  return (
    <html lang="en" dir="ltr" suppressHydrationWarning>
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <InlineScript code={THEME} />
        <Links />
        <Meta />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <link rel="manifest" href="/manifest.webmanifest" />
      </head>
      <body>
        <Frame title={known?.title ?? ""} repository={known?.repository ?? ""} path={pathname} consent={!!asked}>{children}</Frame>
        {counted && <Analytics {...counted} />}
        {replay && <Replay {...replay} />}
        {asked && <script type="module" src={asked} />}
        {errors && <ErrorScript {...errors} />}
        {!still && <ScrollRestoration />}
        {!still && <Scripts />}
      </body>
    </html>
  );
}

export default function Root() {
  return <Outlet />;
}

export function ErrorBoundary() {
  return <Trouble error={useRouteError()} path={useLocation().pathname} />;
}
