export const handle = { static: true };

export const meta = () => [{ title: "Post · ESpice" }];

export default function Post() {
  return <h1>Post</h1>;
}
