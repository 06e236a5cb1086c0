export const handle = { static: true };

export const meta = () => [{ title: "Api reference · ESpice" }];

export default function ApiReference() {
  return <h1>Api reference</h1>;
}
