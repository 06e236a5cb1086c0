export const handle = { static: true };

export const meta = () => [{ title: "Contact · ESpice" }];

export default function Contact() {
  return <h1>Contact</h1>;
}
