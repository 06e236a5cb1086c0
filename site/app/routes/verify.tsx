import type { File } from "../api";
import { channels, product, releases } from "../data";
import { BrowserScript } from "../parts/browser-script";
import { fileName } from "../parts/downloads/file-name";
import { Command } from "../parts/downloads/command";
import { minisignKey } from "../parts/downloads/minisign";
import { everybodyHas, filesToBeHad } from "../parts/downloads/offers";
import { Page, Section } from "../parts/page";
import { seo } from "../parts/seo";
import { Table } from "../parts/table";
import type { Route } from "./+types/verify";

export const handle = { static: true };

export const meta = (args: Route.MetaArgs) =>
  seo(args, {
    title: "Verify a download",
    description: "How to check the checksum and the signature of a file of ESpice on Windows, macOS and Linux.",
    trail: [["/download/", "Download"]],
  });

// Examples are real files of what everybody has on stable, or else of the newest version that has any.
export function loader() {
  const [all, stable] = [releases(), channels().find(({ channel }) => channel === "stable")];
  const newest = (stable && everybodyHas(stable, all)?.release) ?? all.find((each) => filesToBeHad(each).length > 0);
  const files = newest ? filesToBeHad(newest) : [];
  const of = (bundle: string) => files.find((each) => each.bundle === bundle) ?? null;
  const signed = of("appimage") ?? files.find(({ signature }) => signature !== null) ?? null;
  return { product: product(), windows: of("nsis"), mac: of("dmg"), signed };
}

const FALLBACK = "FILE"; // where nothing is offered, commands still say how
const nameOf = (file: File | null) => (file ? fileName(file.url) : FALLBACK);

export default function Verify({ loaderData: { product, windows, mac, signed } }: Route.ComponentProps) {
  const name = nameOf(signed);
  const key = minisignKey(product.keys[0]?.public ?? "");
  return (
    <Page
      title="Verify a download"
      eyebrow={<a href="/download/">Download</a>}
      lede="A checksum shows that a file arrived whole. A signature shows that whoever holds the key signed it."
    >
      <Section title="The checksum" id="checksum">
        <p className="prose">Each file on the download page has a SHA-256 beneath it. Work it out for yours, and compare.</p>
        <Checksum system="Windows, in PowerShell" command={`Get-FileHash -Algorithm SHA256 ${nameOf(windows)}`} file={windows} />
        <p className="prose">PowerShell writes it in capital letters: that makes no difference.</p>
        <Checksum system="macOS, in Terminal" command={`shasum -a 256 ${nameOf(mac)}`} file={mac} />
        <Checksum system="Linux" command={`sha256sum ${name}`} file={signed} />
        {signed && (
          <>
            <p className="prose">Or let Linux compare:</p>
            <Command text={`echo "${signed.sha256}  ${name}" | sha256sum --check`} what="command that compares" />
          </>
        )}
      </Section>
      <Section title="The signature" id="signature">
        <div className="prose">
          <p>
            Every file that the updater can install is signed with <a href="https://jedisct1.github.io/minisign/">minisign</a>.
            A disk image for macOS is not: compare its checksum. Save the signature, which is beside the checksum on the download page, into the same folder as the file.
          </p>
        </div>
        {signed?.signature && (
          <p className="mt-4">
            <a href={`data:application/octet-stream;base64,${signed.signature}`} download={`${name}.minisig`}>{name}.minisig</a>
          </p>
        )}
        <h3 className="mt-6 mb-3">Get minisign</h3>
        <Table caption="Where minisign comes from" head={["System", "Command"]}>
          <tr><th scope="row">Windows</th><td><code>scoop install minisign</code></td></tr>
          <tr><th scope="row">macOS</th><td><code>brew install minisign</code></td></tr>
          <tr><th scope="row">Debian, Ubuntu</th><td><code>sudo apt install minisign</code></td></tr>
          <tr><th scope="row">Fedora</th><td><code>sudo dnf install minisign</code></td></tr>
        </Table>
        <h3 className="mt-6">Verify</h3>
        <p className="prose">The same on every system:</p>
        <Command text={`minisign -Vm ${name} -P ${key}`} what="command that verifies" />
        <p className="prose">
          It answers “Signature and comment signature verified”. The trusted comment beneath names the file and the version
          it was signed as: look that it is the one that you wanted.
        </p>
      </Section>
      <Section title="The public keys" id="keys">
        <p className="prose">A signature counts only if one of these keys made it.</p>
        {product.keys.map((each) => (
          <div key={each.id} className="mt-4">
            <h3><span className="mono">{each.id}</span></h3>
            <Command text={minisignKey(each.public)} what={`key ${each.id}`} />
          </div>
        ))}
        {product.environment !== "production" && (
          <p className="prose">This is the {product.environment} environment: what it offers is for trying out.</p>
        )}
      </Section>
      <Section title="What the updater verifies by itself" id="updater">
        <div className="prose">
          <p>Before ESpice installs an update, its updater checks:</p>
          <ul>
            <li>the signature of the whole file, by the key inside the installed app;</li>
            <li>that it was signed as the version that was announced, and not as another;</li>
            <li>that the file is of its kind: an AppImage is a program, a deb a Debian package.</li>
          </ul>
          <p>If one of them fails, nothing is installed. So only the first download needs your own eyes.</p>
        </div>
      </Section>
      <BrowserScript name="copy" />
    </Page>
  );
}

function Checksum({ system, command, file }: { system: string; command: string; file: File | null }) {
  return (
    <>
      <h3 className="mt-6">{system}</h3>
      <Command text={command} what={`command for ${system}`} />
      {file && (
        <>
          <p className="prose">For that file it must say:</p>
          <Command text={file.sha256} what="checksum" />
        </>
      )}
    </>
  );
}
