// The files of a version for one target, what people should get first at the front.
import type { File, Release } from "../../api";
import type { Product } from "../../data";

/** Installers come before what only the updater can use, as product.yaml orders them and the endpoint gives them. */
export function filesFor(product: Product, release: Release, target: string): File[] {
  const its = product.targets[target];
  const order = its ? [...its.installs, ...its.updates] : [];
  return release.files.filter((each) => each.target === target).sort((a, b) => order.indexOf(a.bundle) - order.indexOf(b.bundle));
}
