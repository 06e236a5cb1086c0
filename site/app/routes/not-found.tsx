export const handle = { static: true };

export const meta = () => [{ title: "Not found · ESpice" }];

export default function NotFound() {
  return <h1>Not found</h1>;
}
