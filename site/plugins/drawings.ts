// The site's own sign: as an icon, and as the picture that stands beside a link to it.
import { MARK } from "../app/parts/mark";

const PAPER = "#f5f3ea";
const INK = "#1b1d19";
const ACCENT = "#0d6240";
const GRID = "#e0dccb";

export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><rect width="48" height="48" rx="7" fill="${ACCENT}"/>
<path transform="translate(4.5 11.500) scale(1.08)" d="${MARK}" fill="none" stroke="${PAPER}" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>
`;

type Points = readonly (readonly [x: number, y: number])[];

// 1200 by 630: the name, what it is, and traces over a graticule. Letters are the build machine's own serif.
export function card(title: string, says: string, traces: readonly { color: string; points: Points }[]): string {
  const lines = Array.from({ length: 20 }, (_, index) => `M${index * 63} 0V630`).concat(
    Array.from({ length: 10 }, (_, index) => `M0 ${index * 63}H1200`),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" viewBox="0 0 1200 630"><rect width="1200" height="630" fill="${PAPER}"/>
<path d="${lines.join("")}" stroke="${GRID}" fill="none"/>
${traces.map(({ color, points }) => `<path d="${within(points)}" fill="none" stroke="${color}" stroke-width="4" stroke-linejoin="round"/>`).join("")}
<path transform="translate(72 84) scale(2.400)" d="${MARK}" fill="none" stroke="${ACCENT}" stroke-width="2.250" stroke-linecap="round" stroke-linejoin="round"/>
<text x="178" y="132" font-family="Newsreader, Georgia, 'DejaVu Serif', serif" font-size="60" fill="${INK}">${escaped(title)}</text>
<text x="72" y="216" font-family="Instrument Sans, Arial, 'DejaVu Sans', sans-serif" font-size="34" fill="${INK}">${escaped(says)}</text></svg>`;
}

function within(points: Points): string {
  const xs = points.map(([x]) => x);
  const ys = points.map(([, y]) => y);
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const place = ([x, y]: readonly [number, number]) =>
    `${Math.round((1200 * (x - left)) / (right - left))} ${Math.round(560 - (270 * (y - low)) / (high - low))}`;
  return `M${points.map(place).join("L")}`;
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
