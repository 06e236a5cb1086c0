import type { ReactNode } from "react";

import type { Release } from "../api";
import { drawn, netlist, simulated, type Drawn, type Simulated } from "../circuits";
import { channels, content, product, releases } from "../data";
import { Button } from "../parts/button";
import { DownloadCall } from "../parts/downloads/download-call";
import { LivePage } from "../parts/downloads/live-page";
import { offerOf } from "../parts/downloads/offers";
import { Quotes } from "../parts/quotes";
import { Schematic } from "../parts/schematic";
import { seo } from "../parts/seo";
import { software } from "../parts/software";
import { Table } from "../parts/table";
import { Trace } from "../parts/trace";
import type { Route } from "./+types/landing";

export const handle = { static: true };

const CIRCUITS = ["ring-oscillator", "rectifier", "transistor", "sallen-key", "noise", "step-response"] as const;

interface Figure {
  trace: Simulated;
  schematic?: Drawn;
}

export function loader() {
  const all = releases();
  const stable = channels().find(({ channel }) => channel === "stable");
  return {
    product: product(),
    releases: all,
    stable,
    offers: stable?.newest.flatMap((each) => offerOf(stable.channel, each, all) ?? []) ?? [],
    traces: Object.fromEntries(CIRCUITS.map((name) => [name, simulated(name)])) as Record<(typeof CIRCUITS)[number], Simulated>,
    schematics: {
      ring: drawn("ring-oscillator"), rectifier: drawn("rectifier"), transistor: drawn("transistor"), filter: drawn("sallen-key"),
      step: drawn("step-response"),
    },
    netlist: asTyped(netlist("rectifier")),
    quotes: content().filter(({ kind }) => kind === "quotes"),
  };
}

// Without what only the site's own drawing needs.
const asTyped = (text: string) => text.replace(/^\*!.*\n/gm, "").replace(/\.control[\s\S]*\.endc\n/, ".tran 20u 60m\n").trim();

export const meta = (args: Route.MetaArgs) =>
  seo(args, {
    title: `${args.loaderData?.product.title ?? ""}, a circuit simulator for the desktop`,
    description:
      "Schematic capture, transient, AC, DC, noise and Monte Carlo analyses, and netlists as plain text. For Windows, macOS and Linux.",
    data: args.loaderData ? software(args.loaderData.product, args.loaderData.offers) : [],
  });

export default function Landing({ loaderData }: Route.ComponentProps) {
  const { product, releases, stable, traces, schematics, netlist, quotes } = loaderData;
  return (
    <>
      <div className="hero graticule">
        <div className="wide">
          <div className="hero-words">
            <h1>Draw the circuit. Read the waveform.</h1>
            <p className="lede">
              {product.title} is a circuit simulator for the desktop: schematic capture, analyses in time and frequency, and
              netlists that stay plain text.
            </p>
            {stable && (
              <LivePage product={product} releases={releases}>
                <DownloadCall channel={stable} releases={releases} product={product} />
              </LivePage>
            )}
          </div>
          <div className="hero-trace">
            <Trace
              of={traces["ring-oscillator"]} sweep label="Figure 1" cursors={[3e-9]}
              caption="Five inverters in a ring oscillate, once in about 1.1 nanoseconds. Every other stage is drawn."
            />
            <Schematic of={schematics.ring} />
          </div>
        </div>
      </div>
      <div className="wide">
        <Feature
          number="1" title="From schematic to transient" label="Figure 2" figure={{ trace: traces.rectifier, schematic: schematics.rectifier }}
          cursors={[0.035]} caption="A bridge rectifier fills its capacitor in the first quarter of a cycle; what remains is ripple."
        >
          <p>
            Draw with the symbols you know, name the nodes that matter, and run. A transient analysis shows every voltage and
            current over time.
          </p>
        </Feature>
        <Feature
          number="2" title="Operating points and curves" label="Figure 3" flipped
          figure={{ trace: traces.transistor, schematic: schematics.transistor }}
          caption="Collector current of an NPN transistor over its collector’s voltage, for five base currents."
        >
          <p>A DC analysis sweeps a source, and a second one beside it, and draws the family of curves that a part’s data sheet would show.</p>
        </Feature>
        <Feature
          number="3" title="Frequency, and what tolerance does to it" label="Figure 4"
          figure={{ trace: traces["sallen-key"], schematic: schematics.filter }}
          caption="Gain of a Sallen-Key low-pass filter, drawn 24 times with parts of 5 per cent."
        >
          <p>
            An AC analysis gives gain and phase over decades. Monte Carlo repeats it with parts as they really come, each within
            its tolerance.
          </p>
        </Feature>
        <Feature
          number="4" title="Noise, by component" label="Figure 5" flipped figure={{ trace: traces.noise }}
          caption="Noise at the output of an inverting amplifier, and the part of it that each resistor adds."
        >
          <p>A noise analysis says not only how much there is, but where it comes from, so that you know which part to change.</p>
        </Feature>
        <Feature
          number="5" title="Sweeps on every core" label="Figure 6"
          figure={{ trace: traces["step-response"], schematic: schematics.step }}
          caption="The same step, with a resistor from 20 to 400 ohms: ringing at one end, none at the other."
        >
          <p>Let a parameter take every value you are in doubt about. The runs share the processor’s cores.</p>
        </Feature>
        <section className="feature" aria-labelledby="text">
          <div className="feature-words">
            <p className="feature-number" aria-hidden="true">6</p>
            <h2 id="text">Netlists are text</h2>
            <p>
              What you draw is a netlist that you can read, compare and keep under version control. Netlists of LTspice open
              without conversion.
            </p>
          </div>
          <pre className="code feature-figure" tabIndex={0} role="region" aria-label="The netlist of figure 2"><code>{netlist}</code></pre>
        </section>
        <section className="section" aria-labelledby="since">
          <h2 id="since">What came when</h2>
          <Table caption="From the release notes, newest first" head={["Feature", "Since"]}>
            {came(releases).map(({ feature, version }) => (
              <tr key={feature}>
                <th scope="row">{feature}</th>
                <td><a href={`/releases/${version}/`}>{version}</a></td>
              </tr>
            ))}
          </Table>
        </section>
        <Quotes quotes={quotes} />
        <section className="closing" aria-labelledby="safe">
          <div>
            <h2 id="safe">Updates you can check</h2>
            <p>
              Every update is signed, and {product.title} refuses one that is not. Versions reach a few installations first and
              everybody later; the roadmap shows how far each has come.
            </p>
            <p className="closing-links">
              <Button to="/download/verify/">Verify a download</Button>
              <Button to="/roadmap/">See the roadmap</Button>
            </p>
          </div>
          <div>
            <h2>Talk to us</h2>
            <p>Something is missing, wrong or unclear? We read what you write.</p>
            <p className="closing-links">
              <Button to="/contact/">Contact</Button>
              <Button to="/feedback/">Send feedback</Button>
            </p>
          </div>
        </section>
        <p className="made">
          The figures are simulations, not sketches: ngspice {traces.rectifier.ngspice} computed them from the netlists in{" "}
          <a href={`https://github.com/${product.repository}/tree/main/site/content/circuits`}>site/content/circuits</a>.
        </p>
      </div>
    </>
  );
}

interface FeatureProps {
  number: string;
  title: string;
  label: string;
  caption: string;
  figure: Figure;
  cursors?: readonly number[];
  flipped?: boolean;
  children: ReactNode;
}

function Feature({ number, title, label, caption, figure, cursors, flipped = false, children }: FeatureProps) {
  const id = `feature-${number}`;
  return (
    <section className={flipped ? "feature flipped" : "feature"} aria-labelledby={id}>
      <div className="feature-words">
        <p className="feature-number" aria-hidden="true">{number}</p>
        <h2 id={id}>{title}</h2>
        {children}
        {figure.schematic && <Schematic of={figure.schematic} />}
      </div>
      <div className="feature-figure">
        <Trace of={figure.trace} label={label} caption={caption} {...(cursors ? { cursors } : {})} />
      </div>
    </section>
  );
}

// What the notes of versions for everybody's channel say they brought; what they mended is left to the notes.
function came(releases: readonly Release[]): { feature: string; version: string }[] {
  return releases
    .filter(({ channels }) => channels.some(({ channel, state }) => channel === "stable" && state !== "withdrawn"))
    .flatMap(({ version, notes }) =>
      notes.split("\n").filter((line) => line && !line.startsWith("Fixed:")).map((line) => ({ feature: line.replace(/\.$/, ""), version })),
    );
}
