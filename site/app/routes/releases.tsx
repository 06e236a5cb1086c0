export const handle = { static: true };

export const meta = () => [{ title: "Releases · ESpice" }];

export default function Releases() {
  return <h1>Releases</h1>;
}
