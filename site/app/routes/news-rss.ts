import { product } from "../data";
import { rss } from "../feeds";
import { posts } from "../posts";

export const loader = () => new Response(rss(product(), posts()), { headers: { "Content-Type": "application/rss+xml" } });
