// One file of a version: where it is, how large, its checksum and signature, and how to install it.
import type { File } from "../../api";
import { Copy } from "./copy-button";
import { bundleTitle, installing } from "./bundles";
import { fileName } from "./file-name";
import { size } from "./figures";

/** `isOffered`: without it the row says what the file is, and leads nowhere. `link` are the marks of live pages. */
export function FileRow({ file, isOffered, link }: { file: File; isOffered: boolean; link?: Record<string, string> }) {
  const name = fileName(file.url);
  return (
    <div className="file" data-bundle={file.bundle}>
      <p className="file-head">
        <a href={isOffered ? file.url : undefined} data-link {...link}>
          {bundleTitle(file.bundle)}
        </a>
        <span className="size" data-size>{size(file.size)}</span>
      </p>
      <details>
        <summary>Checksum, signature{installing(file.bundle, name).length > 0 && ", how to install"}</summary>
        <dl>
          <div>
            <dt>File</dt>
            <dd><code data-name>{name}</code></dd>
          </div>
          <div>
            <dt>SHA-256</dt>
            <dd className="with-copy"><code data-sha256>{file.sha256}</code><Copy what="checksum" /></dd>
          </div>
          <div>
            <dt>Signature</dt>
            <dd><Signature file={file} name={name} /></dd>
          </div>
          {installing(file.bundle, name).map(({ how, command }) => (
            <div key={command}>
              <dt>{how}</dt>
              <dd className="with-copy"><code data-command>{command}</code><Copy what="command" /></dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}

// The address holds the whole signature: base64 of a minisign file, so there is nothing to fetch.
function Signature({ file, name }: { file: File; name: string }) {
  if (file.signature === null) return <>None: this file is installed by hand only. Compare its checksum.</>;
  return (
    <>
      <a href={`data:application/octet-stream;base64,${file.signature}`} download={`${name}.minisig`} data-signature>
        {name}.minisig
      </a>{" "}
      · <a href="/download/verify/">how to verify</a>
    </>
  );
}
