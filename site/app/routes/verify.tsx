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

// The example is a real file: what everybody has on Linux, or else the first one that is signed.
export function loader() {
  const [all, stable] = [releases(), channels().find(({ channel }) => channel === "stable")];
  const newest = stable ? everybodyHas(stable, all)?.release : undefined;
  const signed = (newest ? filesToBeHad(newest) : all.flatMap(filesToBeHad)).filter(({ signature }) => signature !== null);
  return { product: product(), file: signed.find(({ bundle }) => bundle === "appimage") ?? signed[0] ?? null };
}

export default function Verify({ loaderData: { product, file } }: Route.ComponentProps) {
  const name = file ? fileName(file.url) : "FILE";
  const key = minisignKey(product.keys[0]?.public ?? "");
  return (
    <Page
      title="Verify a download"
      eyebrow={<a href="/download/">Download</a>}
      lede="A checksum shows that a file arrived whole. A signature shows that the project built it."
    >
      <Section title="The checksum" id="checksum">
        <p className="prose">Each file on the download page has a SHA-256 beneath it. Work it out for yours, and compare.</p>
        {file && (
          <>
            <p className="prose mt-4">For {name} it is:</p>
            <Command text={file.sha256} what="checksum" />
          </>
        )}
        <h3 className="mt-6">Windows</h3>
        <Command text={`Get-FileHash -Algorithm SHA256 ${name}`} what="command for PowerShell" />
        <p className="prose">PowerShell writes it in capital letters: that makes no difference.</p>
        <h3 className="mt-6">macOS</h3>
        <Command text={`shasum -a 256 ${name}`} what="command for macOS" />
        <h3 className="mt-6">Linux</h3>
        <Command text={`sha256sum ${name}`} what="command for Linux" />
        {file && (
          <>
            <p className="prose">Or let it compare:</p>
            <Command text={`echo "${file.sha256}  ${name}" | sha256sum --check`} what="command that compares" />
          </>
        )}
      </Section>
      <Section title="The signature" id="signature">
        <div className="prose">
          <p>
            Every file that the updater can install is signed with <a href="https://jedisct1.github.io/minisign/">minisign</a>.
            Save the signature, which is beside the checksum on the download page, into the same folder as the file.
          </p>
        </div>
        {file?.signature && (
          <p className="mt-4">
            <a href={`data:application/octet-stream;base64,${file.signature}`} download={`${name}.minisig`}>{name}.minisig</a>
          </p>
        )}
        <h3 className="mt-6">Get minisign</h3>
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
        <p className="prose">Only what one of these keys signed is ESpice. The app has them inside.</p>
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
