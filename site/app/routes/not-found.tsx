import { Button } from "../parts/button";
import { seo } from "../parts/seo";
import type { Route } from "./+types/not-found";

export const handle = { static: true };

export const meta = (args: Route.MetaArgs) =>
  seo(args, { title: "Not found", description: "There is no page at this address.", hidden: true });

export default function NotFound() {
  return (
    <div className="lost graticule">
      <div className="wide">
        <svg className="lost-open" viewBox="0 0 320 60" role="img" aria-label="An open circuit">
          <path d="M0 40H120L172 12M200 40H320" />
          <circle cx="122" cy="40" r="4" />
          <circle cx="198" cy="40" r="4" />
        </svg>
        <h1>An open circuit</h1>
        <p className="lede">There is no page at this address. It may have moved, or the link has a mistake.</p>
        <p className="closing-links">
          <Button to="/" primary>Start page</Button>
          <Button to="/download/">Download</Button>
          <Button to="/search/">Search</Button>
        </p>
      </div>
    </div>
  );
}
