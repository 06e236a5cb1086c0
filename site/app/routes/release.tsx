export const handle = { static: true };

export const meta = () => [{ title: "Release · ESpice" }];

export default function Release() {
  return <h1>Release</h1>;
}
