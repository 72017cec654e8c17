import { fileURLToPath } from "node:url";

// The package loads its module from its own folder. `root` is where node_modules is.
export default { serverExternalPackages: ["fingerpost"], turbopack: { root: fileURLToPath(new URL("../../../..", import.meta.url)) } };
