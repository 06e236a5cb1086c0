import { useLoaderData, type MetaArgs } from "react-router";

import { authors, product } from "../data";
import { Note } from "../parts/note";
import { Page, Section } from "../parts/page";
import { seo } from "../parts/seo";

export const handle = { static: true };

export const meta = (args: MetaArgs) =>
  seo(args, { title: "Feedback", description: "Report a bug, propose an idea, or tell us what works well for you." });

export function loader() {
  const { domain, repository, title } = product();
  return { repository, title, mail: `${authors()["documentation"]?.mailbox ?? "docs"}@${domain}` };
}

// Each is a form of .github/ISSUE_TEMPLATE/, which sets the label: a visitor may not.
const KINDS = [
  ["bug", "A bug", "Something does not work, or gives a wrong result."],
  ["idea", "An idea", "Something is missing, or could be easier."],
  ["praise", "Praise", "Something works well for you."],
] as const;

export default function Feedback() {
  const { repository, title, mail } = useLoaderData<typeof loader>();
  return (
    <Page title="Feedback" lede={`What breaks, what is missing, what you like: it decides what ${title} does next.`}>
      <div className="grid gap-x-16 gap-y-10 lg:grid-cols-[minmax(0,38rem)_minmax(0,1fr)]">
        <form action={`https://github.com/${repository}/issues/new`} method="get" className="grid gap-6">
          <fieldset className="grid gap-2">
            <legend className="mb-2 font-semibold">What is it?</legend>
            {KINDS.map(([kind, name, about], index) => (
              <label key={kind} className="flex cursor-pointer items-start gap-3 border border-rule bg-sheet px-4 py-3 font-normal has-checked:border-accent">
                <input type="radio" name="template" value={`${kind}.yml`} defaultChecked={index === 0} className="mt-1.5" />
                <span><span className="block font-semibold">{name}</span><span className="text-quiet">{about}</span></span>
              </label>
            ))}
          </fieldset>
          <div className="grid gap-2">
            <label htmlFor="title">In one line</label>
            <input id="title" name="title" required maxLength={120} autoComplete="off" />
          </div>
          <div className="grid gap-2">
            <label htmlFor="what">What happened, or what you wish</label>
            <p id="what-more" className="text-sm text-quiet">For a bug: what you did, what you expected, what came instead. The smallest netlist that shows it helps most.</p>
            <textarea id="what" name="what" required rows={8} maxLength={4000} aria-describedby="what-more" />
          </div>
          <div className="grid gap-2">
            <label htmlFor="version">Version and system, if you know them</label>
            <input id="version" name="version" maxLength={120} autoComplete="off" aria-describedby="version-more" />
            <p id="version-more" className="text-sm text-quiet">Such as 1.3.0 on Windows 11.</p>
          </div>
          <fieldset className="grid gap-4 border-t border-rule pt-6">
            <legend className="float-start w-full font-semibold">May we quote you on this site?</legend>
            <label className="flex cursor-pointer items-start gap-3 font-normal">
              <input type="checkbox" name="consent" value="Yes, you may quote me on the site." className="mt-1.5" />
              <span>
                Yes, you may quote me. <span className="text-quiet">Only if you tick this; you may take it back at any time.</span>
              </span>
            </label>
            <div className="grid gap-2">
              <label htmlFor="quote">The words that we may quote</label>
              <textarea id="quote" name="quote" rows={3} maxLength={600} />
            </div>
            <div className="grid gap-2">
              <label htmlFor="name">How to name you</label>
              <input id="name" name="name" maxLength={80} autoComplete="off" aria-describedby="name-more" />
              <p id="name-more" className="text-sm text-quiet">Leave it empty to stay unnamed.</p>
            </div>
          </fieldset>
          <div>
            <button type="submit" className="button primary">Go on at GitHub</button>
            <p className="mt-3 text-sm text-quiet">Nothing is published yet: GitHub shows what you wrote, and you send it there.</p>
          </div>
        </form>
        <aside className="grid content-start gap-6">
          <Note title="Without an account">
            <p>Write to <a href={`mailto:${mail}`}>{mail}</a>. Mails are not published.</p>
          </Note>
          <Note tone="warn" title="A security problem">
            <p>Not here, please: everybody can read it. See the <a href="/legal/security/">security policy</a>.</p>
          </Note>
        </aside>
      </div>
      <Section title="What happens with it" id="then">
        <ol className="grid max-w-prose list-decimal gap-2 ps-5">
          <li>The form hands what you wrote to GitHub in the address of a page. This site keeps nothing of it.</li>
          <li>At GitHub you read it once more and send it. From then on it is public, under the name of your account.</li>
          <li>Somebody of the project reads it, asks if something is unclear, and says there what becomes of it.</li>
          <li>It is quoted on the site only if you ticked the box: the words you gave for that and no others, by a reviewed change that links to what you wrote. Take your word back in the issue, and the quote goes.</li>
        </ol>
      </Section>
    </Page>
  );
}
