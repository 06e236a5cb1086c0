// A small script of a page that has no React in the browser. Vite bundles and names it; a module waits for the page.
import copy from "../browser/copy?worker&url";
import live from "../browser/live?worker&url";
import search from "../browser/search?worker&url";
import video from "../browser/video?worker&url";

const SCRIPTS = { copy, live, search, video };

export function BrowserScript({ name }: { name: keyof typeof SCRIPTS }) {
  return <script type="module" src={SCRIPTS[name]} />;
}
