export const handle = { static: true };

export const meta = () => [{ title: "Roadmap · ESpice" }];

export default function Roadmap() {
  return <h1>Roadmap</h1>;
}
