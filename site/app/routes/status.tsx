export const handle = { static: true };

export const meta = () => [{ title: "Status · ESpice" }];

export default function Status() {
  return <h1>Status</h1>;
}
