import { useLoaderData, type MetaArgs } from "react-router";

import { openapi, product } from "../data";
import { api, type Kind, type Operation } from "../openapi";
import { BrowserScript } from "../parts/browser-script";
import { Page } from "../parts/page";
import { seo } from "../parts/seo";
import { Table } from "../parts/table";
import { Code } from "../parts/words/code";

export const handle = { static: true };

export const meta = (args: MetaArgs) =>
  seo(args, {
    title: "API reference",
    description: "Every path of the public API with its parameters, answers and types, made from its OpenAPI document.",
    trail: [["/docs/", "Documentation"]],
  });

export function loader() {
  const { updates } = product();
  return { ...api(openapi(), updates), updates };
}

export default function ApiReference() {
  const { promises, groups, kinds, updates } = useLoaderData<typeof loader>();
  return (
    <Page
      title="API reference"
      lede="What the update endpoint answers, without a login. How to use it well is in the guide."
      eyebrow={<><a href="/docs/">Documentation</a> / <a href="/docs/public-api/">Use the public API</a></>}
    >
      <div className="grid gap-x-12 gap-y-8 lg:grid-cols-[14rem_minmax(0,1fr)]">
        <nav aria-label="Operations" className="text-[0.9375rem] leading-snug">
          {groups.map(({ tag, operations }) => (
            <div key={tag} className="mb-5">
              <p className="font-mono text-xs text-quiet">{tag}</p>
              <ul>{operations.map(({ id, summary }) => <li key={id}><a href={`#${id}`} className="block py-1 text-ink">{summary}</a></li>)}</ul>
            </div>
          ))}
          <p className="font-mono text-xs text-quiet"><a href="#types">Types</a></p>
          <ul className="max-lg:hidden">{kinds.map(({ name }) => <li key={name}><a href={`#${name}`} className="block py-1 text-ink">{name}</a></li>)}</ul>
        </nav>
        <div className="min-w-0" data-pagefind-body data-pagefind-filter="kind:API">
          <section aria-labelledby="promise" className="max-w-prose">
            <h2 id="promise">What is promised</h2>
            <ul className="mt-4 grid list-disc gap-2 ps-5">{promises.map((each) => <li key={each}>{each}</li>)}</ul>
            <p className="mt-4">The host is <code className="break-all">{updates}</code>. As one document: <a href={`${updates}/v1/openapi.json`}>openapi.json</a> (OpenAPI 3.1).</p>
          </section>
          {groups.map(({ tag, operations }) => (
            <section key={tag} aria-labelledby={`tag-${tag}`} className="section">
              <h2 id={`tag-${tag}`}>{tag}</h2>
              {operations.map((each) => <Described key={each.id} {...each} />)}
            </section>
          ))}
          <section aria-labelledby="types" className="section">
            <h2 id="types">Types</h2>
            {kinds.map((each) => <Typed key={each.name} {...each} known={kinds.map(({ name }) => name)} />)}
          </section>
          <BrowserScript name="copy" />
        </div>
      </div>
    </Page>
  );
}

function Described({ id, path, summary, description, parameters, answers, example, curl }: Operation) {
  return (
    <article aria-labelledby={id} className="mt-8 border-t border-rule pt-6">
      <h3 id={id}><a href={`#${id}`} className="text-ink no-underline hover:underline">{summary}</a></h3>
      <p className="mt-2 font-mono text-sm break-all"><span className="text-channel-2">GET</span> {path}</p>
      {description && <p className="mt-3 max-w-prose">{description}</p>}
      {parameters.length > 0 && (
        <div className="mt-4">
          <Table caption={`Parameters of ${path}`} head={["Name", "Where", "Type", "What"]}>
            {parameters.map((each) => (
              <tr key={each.name}>
                <th scope="row"><code>{each.name}</code></th>
                <td>{each.in}{each.required && ", required"}</td>
                <td className="font-mono text-sm">{each.type}</td>
                <td>{each.description}</td>
              </tr>
            ))}
          </Table>
        </div>
      )}
      <div className="mt-4">
        <Table caption={`Answers of ${path}`} head={["Status", "Meaning", "Content"]}>
          {answers.map(({ status, description, kinds, type }) => (
            <tr key={status}>
              <th scope="row">{status}</th>
              <td>{description}</td>
              <td className="font-mono text-sm">{type && /^[A-Z]/.test(type) ? <a href={`#${type}`}>{type}</a> : type} {kinds.join(", ")}</td>
            </tr>
          ))}
        </Table>
      </div>
      <Code><code className="language-sh">{curl}</code></Code>
      {example && <Code><code className="language-json">{example}</code></Code>}
    </article>
  );
}

function Typed({ name, description, fields, known }: Kind & { known: string[] }) {
  return (
    <article aria-labelledby={name} className="mt-8 border-t border-rule pt-6">
      <h3 id={name}><a href={`#${name}`} className="text-ink no-underline hover:underline">{name}</a></h3>
      {description && <p className="mt-2 max-w-prose">{description}</p>}
      {fields.length > 0 && (
        <div className="mt-4">
          <Table caption={`Keys of ${name}`} head={["Key", "Type", "What"]}>
            {fields.map((field) => (
              <tr key={field.name}>
                <th scope="row"><code>{field.name}</code></th>
                <td className="font-mono text-sm"><Words of={field.type} known={known} /></td>
                <td>{[field.description, field.required ? "" : "May be absent."].filter(Boolean).join(" ")}</td>
              </tr>
            ))}
          </Table>
        </div>
      )}
    </article>
  );
}

/** A type in words, with links to the types that it names. */
function Words({ of, known }: { of: string; known: string[] }) {
  return of.split(" ").map((word, at) => (
    <span key={at}>{at > 0 && " "}{known.includes(word) ? <a href={`#${word}`}>{word}</a> : word}</span>
  ));
}
