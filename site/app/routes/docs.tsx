export const handle = { static: true };

export const meta = () => [{ title: "Docs · ESpice" }];

export default function Docs() {
  return <h1>Docs</h1>;
}
