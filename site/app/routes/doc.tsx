export const handle = { static: true };

export const meta = () => [{ title: "Doc · ESpice" }];

export default function Doc() {
  return <h1>Doc</h1>;
}
