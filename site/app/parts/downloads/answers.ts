// What a browser got from elsewhere, looked at before it is believed: of another shape it is nothing at all.
import type { Channel, File, Newest, Release, Standing, Stop } from "../../api";

type Json = Record<string, unknown>;

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string";
const isTextOrNull = (value: unknown): value is string | null => value === null || isText(value);
const isList = <T>(value: unknown, is: (each: unknown) => each is T): value is T[] => Array.isArray(value) && value.every(is);
const isAddress = (value: unknown): value is string => isText(value) && /^https?:\/\//.test(value);

function isFile(value: unknown): value is File {
  return (
    isObject(value) &&
    [value["target"], value["bundle"]].every(isText) &&
    isAddress(value["url"]) &&
    Number.isFinite(value["size"]) &&
    isText(value["sha256"]) &&
    /^[0-9a-f]{64}$/.test(value["sha256"]) &&
    isTextOrNull(value["signature"]) &&
    typeof value["updater"] === "boolean"
  );
}

function isStanding(value: unknown): value is Standing {
  return (
    isObject(value) &&
    isText(value["channel"]) &&
    isText(value["state"]) &&
    isList(value["targets"], isText) &&
    isTextOrNull(value["since"]) &&
    isTextOrNull(value["reason"])
  );
}

function isRelease(value: unknown): value is Release {
  return (
    isObject(value) &&
    [value["version"], value["published"], value["notes"]].every(isText) &&
    isObject(value["minimum_os"]) &&
    Object.values(value["minimum_os"]).every(isText) &&
    isList(value["files"], isFile) &&
    isList(value["channels"], isStanding)
  );
}

function isNewest(value: unknown): value is Newest {
  return (
    isObject(value) &&
    isText(value["target"]) &&
    isTextOrNull(value["version"]) &&
    (value["file"] === null || isFile(value["file"]))
  );
}

function isStop(value: unknown): value is Stop {
  return (
    isObject(value) &&
    (value["versions"] === null || isList(value["versions"], isText)) &&
    isText(value["since"]) &&
    isText(value["reason"]) &&
    typeof value["halted"] === "boolean"
  );
}

function isChannel(value: unknown): value is Channel {
  return (
    isObject(value) && isText(value["channel"]) && isList(value["newest"], isNewest) && isList(value["stops"], isStop)
  );
}

/** The channels of an answer of /v1/channels, or null where it is none. */
export function channelsIn(value: unknown): Channel[] | null {
  return isObject(value) && isList(value["channels"], isChannel) ? value["channels"] : null;
}

/** The releases of an answer of /v1/releases that holds all of them, or null. */
export function releasesIn(value: unknown): Release[] | null {
  return isObject(value) && isList(value["releases"], isRelease) ? value["releases"] : null;
}

/** The version that a static manifest offers to everybody ("0.0.0": none), or null where it is no manifest. */
export function versionIn(value: unknown): string | null {
  if (!isObject(value) || !isText(value["version"]) || !isObject(value["platforms"])) return null;
  return /^\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?$/.test(value["version"]) ? value["version"] : null;
}
