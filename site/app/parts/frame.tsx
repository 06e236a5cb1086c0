// What stands around every page: the way past it, the masthead, and the colophon.
//   <Frame title="ESpice" repository="espice/delivery" path="/download/">…</Frame>
// title: the product's; repository: owner/name at GitHub; path: the page's, so that its place in the masthead is marked;
// consent: whether visitors are asked for one, which they may then think over.
import type { ReactNode } from "react";

import { Mark } from "./mark";

const PLACES = [
  ["/download/", "Download"],
  ["/docs/", "Docs"],
  ["/releases/", "Releases"],
  ["/roadmap/", "Roadmap"],
  ["/news/", "News"],
  ["/status/", "Status"],
] as const;

const MORE = [
  ["Get it", [["/download/", "Download"], ["/download/verify/", "Verify a download"], ["/releases/", "Release notes"]]],
  ["Learn", [["/docs/", "Documentation"], ["/docs/api/", "API reference"], ["/search/", "Search"]]],
  ["Follow", [["/news/", "News"], ["/roadmap/", "Roadmap"], ["/status/", "Status"]]],
  ["Talk to us", [["/contact/", "Contact"], ["/feedback/", "Feedback"], ["/legal/security/", "Security"]]],
  ["Terms", [["/legal/privacy/", "Privacy"], ["/legal/terms/", "Legal notice"]]],
] as const;

interface Props {
  title: string;
  repository: string;
  path: string;
  consent?: boolean;
  children: ReactNode;
}

export function Frame({ title, repository, path, consent = false, children }: Props) {
  return (
    <>
      <a href="#content" className="skip">Skip to content</a>
      <header className="masthead">
        <div className="wide">
          <a href="/" className="wordmark"><Mark />{title}</a>
          <nav aria-label="Main">
            <ul>
              {PLACES.map(([to, name]) => (
                <li key={to}><a href={to} aria-current={path.startsWith(to) ? "page" : undefined}>{name}</a></li>
              ))}
            </ul>
          </nav>
          <button type="button" className="theme-switch" data-theme-switch aria-label="Switch between light and dark">
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <circle cx="12" cy="12" r="8.25" fill="none" stroke="currentColor" strokeWidth="1.5" />
              <path d="M12 3.75a8.25 8.25 0 0 1 0 16.5z" fill="currentColor" />
            </svg>
          </button>
        </div>
      </header>
      <main id="content" tabIndex={-1}>{children}</main>
      <footer className="colophon">
        <div className="wide">
          {MORE.map(([heading, places]) => (
            <div key={heading}>
              <h2>{heading}</h2>
              <ul>
                {places.map(([to, name]) => <li key={to}><a href={to}>{name}</a></li>)}
              </ul>
            </div>
          ))}
          <p className="fine">
            The {title} project. How every release reaches you is public: <a href={`https://github.com/${repository}`}>{repository}</a>.
            {consent && <>{" "}<button type="button" data-consent-again>What you agreed to</button></>}
          </p>
        </div>
      </footer>
    </>
  );
}
