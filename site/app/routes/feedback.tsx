export const handle = { static: true };

export const meta = () => [{ title: "Feedback · ESpice" }];

export default function Feedback() {
  return <h1>Feedback</h1>;
}
