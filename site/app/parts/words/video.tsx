// A video of somebody else's. Until it is clicked the page asks nobody for anything: the poster is a drawing of ours, and the
// link leads to the video's own page. app/browser/video.ts then puts a player that sets no cookies in the link's place.
//   <Video id="AfQxyVuLeCs" title="Lec 1 | MIT 6.002" by="MIT OpenCourseWare" />
import { BrowserScript } from "../browser-script";

// What the page's Content-Security-Policy lets be framed: `finish` looks for data-video.
export const PLAYER = "https://www.youtube-nocookie.com";

export function Video({ id, title, by }: { id: string; title: string; by: string }) {
  return (
    <figure className="my-8">
      <a
        href={`https://www.youtube.com/watch?v=${id}`}
        data-video={`${PLAYER}/embed/${id}?autoplay=1&rel=0`}
        data-title={title}
        className="graticule relative grid aspect-video w-full place-items-center border border-rule bg-sheet no-underline"
      >
        <svg viewBox="0 0 640 360" className="absolute inset-0 size-full" aria-hidden="true" preserveAspectRatio="none">
          <path d={WAVE} fill="none" stroke="currentColor" strokeWidth="2" vectorEffect="non-scaling-stroke" className="text-channel-1" />
        </svg>
        <span className="relative flex items-center gap-3 border border-ink bg-paper px-4 py-3 font-semibold text-ink">
          <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><path d="M3 1.5v13L14 8z" fill="currentColor" /></svg>
          Play: {title}
        </span>
      </a>
      <figcaption className="mt-2 text-sm text-quiet">
        By {by}, at YouTube. Nothing is asked of YouTube before you click.
      </figcaption>
      <BrowserScript name="video" />
    </figure>
  );
}

// A carrier whose amplitude swells and fades.
const WAVE = Array.from({ length: 321 }, (_, index) => {
  const x = index * 2;
  const y = 180 - 110 * Math.sin((x / 640) * Math.PI) * Math.sin((x / 640) * 18 * Math.PI);
  return `${index ? "L" : "M"}${x} ${y.toFixed(1)}`;
}).join("");
