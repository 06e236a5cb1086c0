export const handle = { static: true };

export const meta = () => [{ title: "Landing · ESpice" }];

export default function Landing() {
  return <h1>Landing</h1>;
}
