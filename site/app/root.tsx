import type { ReactNode } from "react";
import { Links, Meta, Outlet, Scripts, ScrollRestoration, useLocation, useMatches, useRouteError, useRouteLoaderData } from "react-router";

import "./app.css";
import { product } from "./data";
import { Analytics, counting, needsConsent } from "./parts/analytics";
import { ErrorScript, telling } from "./parts/errors/error-script";
import { Trouble } from "./parts/errors/trouble";
import { Frame } from "./parts/frame";
import { InlineScript } from "./parts/inline-script";
import { THEME } from "./parts/theme";

export function loader() {
  const known = product();
  return { product: known, errors: telling(known), counting: counting(known) };
}

// Pages whose `handle` says `static` get no JavaScript of React's.
const isStatic = (handle: unknown) => (handle as { static?: boolean } | undefined)?.static === true;

export function Layout({ children }: { children: ReactNode }) {
  const still = useMatches().some(({ handle }) => isStatic(handle));
  const { product: known, errors, counting: counted } = useRouteLoaderData<typeof loader>("root") ?? {};
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
        <Frame title={known?.title ?? ""} repository={known?.repository ?? ""} path={pathname} consent={needsConsent(counted)}>{children}</Frame>
        {counted && <Analytics {...counted} />}
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
