// Whether this runtime has WebAssembly's vector instructions.

// A module with one function, which makes a vector and counts its bits (i8x16.splat, popcnt).
// biome-ignore format: one line a section
const MODULE = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0,
  1, 5, 1, 96, 0, 1, 123,
  3, 2, 1, 0,
  10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11,
]);

/** The name of the module to load from `pkg/`. */
export const name = WebAssembly.validate(MODULE) ? "authcore_simd_bg.wasm" : "authcore_bg.wasm";
