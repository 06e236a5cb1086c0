import { useLoaderData } from "react-router";

import { channels, content, releases } from "../data";
import { docAddress, docsOf, editions, sections } from "../editions";

export const handle = { static: true };

export const meta = () => [{ title: "Documentation · ESpice" }];

export function loader() {
  const fronts = content().filter(({ kind }) => kind === "docs");
  const known = editions(releases(), channels(), fronts);
  return {
    current: known.current,
    sections: sections(docsOf(known.current, fronts)).map(({ title, docs }) => ({
      title,
      docs: docs.map(({ page, front }) => ({
        to: docAddress(page, known.current, known.current),
        title: front.title,
        description: front.description,
      })),
    })),
  };
}

export default function Docs() {
  const { sections } = useLoaderData<typeof loader>();
  return (
    <>
      <h1>Documentation</h1>
      {sections.map(({ title, docs }) => (
        <section key={title}>
          <h2>{title}</h2>
          <ul>
            {docs.map((each) => (
              <li key={each.to}>
                <a href={each.to}>{each.title}</a> {each.description}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
