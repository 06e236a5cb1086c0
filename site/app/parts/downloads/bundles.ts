// What the kinds of installers are called, and what to type to install one that lies in the current folder.

interface Bundle {
  title: string;
  install: readonly { how: string; command: (file: string) => string }[];
}

const BUNDLES: Record<string, Bundle> = {
  nsis: {
    title: "Installer (.exe)",
    install: [{ how: "Without questions", command: (file) => `.\\${file} /S` }],
  },
  msi: {
    title: "Windows Installer package (.msi)",
    install: [{ how: "Quietly, as administrator", command: (file) => `msiexec /i ${file} /quiet` }],
  },
  dmg: {
    title: "Disk image (.dmg)",
    install: [{ how: "Open it, then drag ESpice to Applications", command: (file) => `open ${file}` }],
  },
  app: { title: "The updater's archive (.app.tar.gz)", install: [] },
  appimage: {
    title: "AppImage",
    install: [{ how: "Make it executable and start it", command: (file) => `chmod +x ${file} && ./${file}` }],
  },
  deb: {
    title: "Debian package (.deb)",
    install: [
      { how: "Debian, Ubuntu, with what it needs", command: (file) => `sudo apt install ./${file}` },
      { how: "By dpkg alone", command: (file) => `sudo dpkg -i ${file}` },
    ],
  },
  rpm: {
    title: "RPM package (.rpm)",
    install: [{ how: "Fedora and its kin", command: (file) => `sudo dnf install ./${file}` }],
  },
};

/** What people call a bundle; its own name where it is a new one. */
export const bundleTitle = (bundle: string): string => BUNDLES[bundle]?.title ?? bundle;

/** What to type for a file, with a word on how or when. */
export function installing(bundle: string, file: string): { how: string; command: string }[] {
  return (BUNDLES[bundle]?.install ?? []).map(({ how, command }) => ({ how, command: command(file) }));
}
