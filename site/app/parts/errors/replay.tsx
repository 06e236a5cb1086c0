// Recordings of what led to an error, where product.json wants them, only of visitors who agreed.
//   loader: replay: replaying(product()); layout: {replay && <Replay {...replay} />}
import type { Product } from "../../data";
import report from "../../browser/report?worker&url";
import script from "../../browser/replay?worker&url";
import { Question } from "../consent";

export function replaying({ sentry, replay }: Product): { told: string } | null {
  return sentry && replay ? { told: JSON.stringify([report, script]) } : null;
}

export function Replay({ told }: { told: string }) {
  return (
    <Question purpose="replay" label="Consent to recordings of errors" told={told}>
      If a page fails, may we see how it moved in the minute before? Every text, picture and input is masked. Nothing is recorded unless
      you agree.
    </Question>
  );
}
