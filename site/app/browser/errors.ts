// Keeps what goes wrong until the collector's script is there, which is loaded when the page is idle, or when something does.
import { told } from "../parts/errors/settings";

declare global {
  interface Window {
    espiceErrors?: unknown[]; // what went wrong so far; the collector's script takes it
  }
}

const kept: unknown[] = [];
window.espiceErrors = kept;
let loading = false;

function load() {
  const report = told()?.report;
  if (loading || !report) return;
  loading = true;
  import(/* @vite-ignore */ report).then(
    () => {
      removeEventListener("error", failed);
      removeEventListener("unhandledrejection", refused);
    },
    () => (loading = false), // somebody blocks it, or the network is away: the page does without
  );
}

function failed({ error, message }: ErrorEvent) {
  kept.push(error ?? message);
  load();
}

function refused({ reason }: PromiseRejectionEvent) {
  kept.push(reason);
  load();
}

addEventListener("error", failed);
addEventListener("unhandledrejection", refused);
const idle = () => ("requestIdleCallback" in window ? requestIdleCallback(load, { timeout: 10_000 }) : setTimeout(load, 5_000));
if (document.readyState === "complete") idle();
else addEventListener("load", idle);
