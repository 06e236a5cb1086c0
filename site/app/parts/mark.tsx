// The mark: a step, and the damped ringing of the circuit that answers it.
export function Mark() {
  return (
    <svg viewBox="0 0 36 24" aria-hidden="true">
      <path d={MARK} fill="none" stroke="currentColor" strokeWidth="2.25" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  );
}

// Also drawn in public/favicon.svg.
export const MARK = "M2 19h7C11.5 19 12 3 15 3s3 14 6 14 3-9 6-9 2.500 4.500 7 4.500";
