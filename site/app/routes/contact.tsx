import type { ReactNode } from "react";
import { useLoaderData, type MetaArgs } from "react-router";

import { authors, product } from "../data";
import { Button } from "../parts/button";
import { Cards } from "../parts/card";
import { Page } from "../parts/page";
import { seo } from "../parts/seo";

export const handle = { static: true };

export const meta = (args: MetaArgs) =>
  seo(args, { title: "Contact", description: "How to reach the ESpice project: in public, by mail, and about security." });

export function loader() {
  const { domain, repository } = product();
  const mail = (team: string) => `${authors()[team]?.mailbox ?? team}@${domain}`;
  return { repository, docs: mail("documentation"), releases: mail("releases"), security: mail("security"), privacy: mail("privacy") };
}

export default function Contact() {
  const { repository, docs, releases, security, privacy } = useLoaderData<typeof loader>();
  return (
    <Page title="Contact" lede="In public where it can be, by mail where it should not be.">
      <Cards>
        <Way title="A problem or an idea">
          <p>Tell us with the <a href="/feedback/">feedback form</a>, or look at <a href={`https://github.com/${repository}/issues`}>what others have reported</a>.</p>
        </Way>
        <Way title="A release or an update">
          <p>Something about an offer, a download or a rollout: <a href={`mailto:${releases}`}>{releases}</a>. The <a href="/status/">status page</a> says what is known now.</p>
        </Way>
        <Way title="Security">
          <p>Please not in public: <a href={`mailto:${security}`}>{security}</a>. What happens then is in the <a href="/legal/security/">security policy</a>.</p>
        </Way>
        <Way title="Privacy">
          <p>Questions about what is sent and kept: <a href={`mailto:${privacy}`}>{privacy}</a>. Most are answered on the <a href="/legal/privacy/">privacy page</a>.</p>
        </Way>
        <Way title="These pages">
          <p>Each page of the documentation has a link to edit it. Otherwise: <a href={`mailto:${docs}`}>{docs}</a>.</p>
        </Way>
      </Cards>
      <p className="mt-10"><Button to="/feedback/" primary>Give feedback</Button></p>
    </Page>
  );
}

function Way({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="card">
      <h2 className="text-[1.25rem]">{title}</h2>
      {children}
    </section>
  );
}
