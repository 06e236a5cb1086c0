export const handle = { static: true };

export const meta = () => [{ title: "Download · ESpice" }];

export default function Download() {
  return <h1>Download</h1>;
}
