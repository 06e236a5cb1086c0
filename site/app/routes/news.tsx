export const handle = { static: true };

export const meta = () => [{ title: "News · ESpice" }];

export default function News() {
  return <h1>News</h1>;
}
