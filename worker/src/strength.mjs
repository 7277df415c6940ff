// The strength module, instantiated when it is first imported.
import module from "./strength_bg.wasm";
import { estimate, initSync } from "./strength.js";

initSync({ module });

export { estimate };
