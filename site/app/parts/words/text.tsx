// A text of content/ as its page shows it, and all that a text may be made of beyond Markdown.
//   <Text path="docs/1.4/install.mdx" link={(to) => to} />
// link: where an address leads that the text writes; documentation stays in its edition.
import { useMemo, type ComponentProps } from "react";
import { useLoaderData, useRouteLoaderData } from "react-router";

import type { Simulated } from "../../circuits";
import type { loader } from "../../root";
import { written } from "../../written";
import { BrowserScript } from "../browser-script";
import { Note } from "../note";
import { Prose } from "../prose";
import { Trace } from "../trace";
import { Code } from "./code";
import { Picture } from "./picture";
import { Video } from "./video";

export function Text({ path, link = (to) => to }: { path: string; link?: (to: string) => string }) {
  const { default: Page } = written(path);
  const components = useMemo(() => ({ ...PARTS, a: linked(link) }), [link]);
  return (
    <Prose>
      <Page components={components} />
      <BrowserScript name="copy" />
    </Prose>
  );
}

function linked(link: (to: string) => string) {
  return function Link({ href = "", ...rest }: ComponentProps<"a">) {
    return <a href={link(href)} {...rest} />;
  };
}

/** The traces of a circuit of content/circuits/, of those that the page's loader gives as `circuits`. */
function Circuit({ of: name, caption }: { of: string; caption: string }) {
  const { circuits = {} } = useLoaderData<{ circuits?: Record<string, Simulated> }>();
  const circuit = circuits[name];
  if (!circuit) throw new Error(`there is no circuit ${name} for this text; there are: ${Object.keys(circuits).join(", ") || "none"}`);
  return <Trace of={circuit} caption={caption} />;
}

/** A mailbox of the project, at the domain of the environment. */
function Mail({ to }: { to: string }) {
  const domain = useRouteLoaderData<typeof loader>("root")?.product.domain;
  return <a href={`mailto:${to}@${domain}`}>{`${to}@${domain}`}</a>;
}

function Scrolled(props: ComponentProps<"table">) {
  return (
    <div className="overflow-x-auto" role="group" aria-label="Table" tabIndex={0}>
      <table {...props} />
    </div>
  );
}

/** The issues of the repository, where people report and propose. */
function Repository({ path = "", children }: { path?: string; children?: string }) {
  const repository = useRouteLoaderData<typeof loader>("root")?.product.repository;
  return <a href={`https://github.com/${repository}${path}`}>{children ?? repository}</a>;
}

/** The keys that sign what users install, trusted in this environment. */
function Keys() {
  const keys = useRouteLoaderData<typeof loader>("root")?.product.keys ?? [];
  return (
    <dl>
      {keys.map(({ id, public: key }) => (
        <div key={id}>
          <dt>{id}</dt>
          <dd className="break-all"><code>{key}</code></dd>
        </div>
      ))}
    </dl>
  );
}

/** What the environment's settings say of analytics and Sentry. */
function Counted() {
  const product = useRouteLoaderData<typeof loader>("root")?.product;
  const visits = product?.analytics
    ? `Here visits are counted by ${"ga4" in product.analytics ? "Google Analytics, only if you agree" : "Cloudflare Web Analytics, which sets no cookie"}`
    : "Here visits are not counted";
  const recorded = product?.replay ? "; only if you agree, so is how the page moved before, with every text and picture masked" : "";
  const errors = product?.sentry ? `errors are reported to Sentry, without anything that names you${recorded}` : "errors are not reported";
  return <strong>{visits}, and {errors}.</strong>;
}

const PARTS = { pre: Code, table: Scrolled, Circuit, Counted, Keys, Mail, Note, Picture, Repository, Video };
