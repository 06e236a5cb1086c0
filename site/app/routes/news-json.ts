import { product } from "../data";
import { jsonFeed } from "../feeds";
import { posts } from "../posts";

export const loader = () => new Response(jsonFeed(product(), posts()), { headers: { "Content-Type": "application/feed+json" } });
