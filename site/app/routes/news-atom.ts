import { product } from "../data";
import { atom } from "../feeds";
import { posts } from "../posts";

export const loader = () => new Response(atom(product(), posts()), { headers: { "Content-Type": "application/atom+xml" } });
