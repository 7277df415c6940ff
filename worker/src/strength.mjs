// The strength module, instantiated when it is first imported.

import { estimate, initSync } from "./strength.js";
import module from "./strength_bg.wasm";

initSync({ module });

export { estimate };
