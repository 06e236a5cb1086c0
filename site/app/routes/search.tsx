export const handle = { static: true };

export const meta = () => [{ title: "Search · ESpice" }];

export default function Search() {
  return <h1>Search</h1>;
}
