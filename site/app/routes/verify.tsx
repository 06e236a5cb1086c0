export const handle = { static: true };

export const meta = () => [{ title: "Verify · ESpice" }];

export default function Verify() {
  return <h1>Verify</h1>;
}
