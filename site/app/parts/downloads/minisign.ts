// The key as minisign's -P takes it: the second line of the public key's file, which facts hold as base64.

export function minisignKey(base64: string): string {
  return atob(base64).split("\n")[1]?.trim() ?? "";
}
