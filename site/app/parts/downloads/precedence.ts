// The order of versions: SemVer 2.0.0 section 11, with build metadata counted after it, as the updater counts it.

/** Below zero where `left` comes before `right`; zero only for the same version. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [parts(left), parts(right)];
  return identifiers(a.numbers, b.numbers) || released(a.before, b.before) || identifiers(a.build, b.build);
}

function parts(version: string) {
  const [rest = "", build] = version.split("+", 2);
  const dash = rest.indexOf("-");
  const numbers = dash < 0 ? rest : rest.slice(0, dash);
  return { numbers: numbers.split("."), before: dash < 0 ? [] : rest.slice(dash + 1).split("."), build: build?.split(".") ?? [] };
}

// A version comes after all its pre-releases.
function released(left: string[], right: string[]): number {
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  return identifiers(left, right);
}

function identifiers(left: string[], right: string[]): number {
  for (const [index, one] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1;
    const order = identifier(one, other);
    if (order) return order;
  }
  return left.length - right.length;
}

function identifier(left: string, right: string): number {
  const [one, other] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (one && other) return Number(left) - Number(right);
  if (one !== other) return one ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}
