// What the script that tells of errors is told itself, by an attribute of its own element.
export interface Telling {
  dsn: string;
  release: string;
  environment: string;
}

export const ATTRIBUTE = "data-errors";
