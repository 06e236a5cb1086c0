// What the script that tells of errors is told itself, by an attribute of its own element.
export interface Telling {
  dsn: string;
  release: string;
  environment: string;
  report: string; // address of the script that sends them
}

export const ATTRIBUTE = "data-errors";

// What this page says; null where no errors are collected.
export function told(): Telling | null {
  const element = document.querySelector(`[${ATTRIBUTE}]`);
  return JSON.parse(element?.getAttribute(ATTRIBUTE) ?? "null") as Telling | null;
}
