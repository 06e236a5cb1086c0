// What people see where something failed: what they can do, and no blank page.
//   <Guard name="The chart">…</Guard>   a part of a hydrated page; the rest of the page stays
import { Component, type ReactNode, useEffect } from "react";
import { useRouteLoaderData } from "react-router";

import type { Product } from "../../data";
import { Button } from "../button";
import { Note } from "../note";

interface TroubleProps {
  error: unknown;
  path: string;
}

// In place of a whole page.
export function Trouble({ error, path }: TroubleProps) {
  const repository = useRepository();
  useEffect(() => tell(error), [error]);
  return (
    <div className="wide page">
      <header className="page-head">
        <h1>This page failed</h1>
        <p className="lede">It is our mistake, and nothing of yours is lost. Downloads and updates do not depend on this page.</p>
      </header>
      <p className="flex flex-wrap gap-3">
        <Button to={path} primary>Load it again</Button>
        <Button to="/">To the start</Button>
        <Button to={problem(repository, path, error)}>Report the problem</Button>
      </p>
    </div>
  );
}

interface GuardProps {
  name: string;
  children: ReactNode;
}

export class Guard extends Component<GuardProps, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidCatch(error: unknown) {
    tell(error);
  }

  override render() {
    const { error } = this.state;
    return error === null ? this.props.children : <Missing name={this.props.name} error={error} />;
  }
}

function Missing({ name, error }: { name: string; error: unknown }) {
  const repository = useRepository();
  return (
    <Note tone="warn" title={`${name} could not be shown`}>
      <p>
        It is our mistake. <a href="">Load the page again</a>, or <a href={problem(repository, name, error)}>report the problem</a>.
      </p>
    </Note>
  );
}

// Nothing where what failed is what knows.
function useRepository(): string | undefined {
  return (useRouteLoaderData("root") as { product: Product } | undefined)?.product.repository;
}

// Where what went wrong is written down, if anywhere: as if nobody had caught it.
function tell(error: unknown) {
  if (error instanceof Error && typeof reportError === "function") reportError(error);
}

// The form for bugs, which is told where it happened and what kind of error it was; the feedback page where nobody knows whose.
export function problem(repository: string | undefined, where: string, error: unknown): string {
  if (!repository) return "/feedback/";
  const kind = error instanceof Error ? error.name : "Error";
  return `https://github.com/${repository}/issues/new?${new URLSearchParams({ template: "bug.yml", title: `${kind} on the site: ${where}` })}`;
}
