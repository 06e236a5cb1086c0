export const handle = { static: true };

export const meta = () => [{ title: "Legal · ESpice" }];

export default function Legal() {
  return <h1>Legal</h1>;
}
