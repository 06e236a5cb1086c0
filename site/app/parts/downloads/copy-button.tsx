// Copies the code beside it. Style shows it only where `app/browser/copy.ts` runs.

export function Copy({ what }: { what: string }) {
  return (
    <button type="button" className="copy" data-copy aria-label={`Copy the ${what}`}>
      Copy
    </button>
  );
}
