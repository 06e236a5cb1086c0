// A script that must run before the first paint: a few lines of plain JavaScript in the page itself. After the build its
// sha256 goes into the page's Content-Security-Policy. Everything larger is a file of app/browser/.
//   <InlineScript code={THEME} />
export function InlineScript({ code }: { code: string }) {
  return <script suppressHydrationWarning dangerouslySetInnerHTML={{ __html: code }} />;
}
