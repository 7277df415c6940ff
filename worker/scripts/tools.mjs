// Installs and finds the cargo-built tools: pinned, cheaply built, kept under the user's cache.
//
// usage: node tools.mjs install [name...]     node tools.mjs path <name>

import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const WORKER = dirname(dirname(fileURLToPath(import.meta.url)));
export const ROOT = dirname(WORKER);

// Make hands on empty variables too, so an empty one counts as absent.
export const CACHE =
  process.env.AUTHCORE_CACHE ||
  join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "authcore");

// Tools are run a few times and built once: compile time is worth more than their speed.
const CHEAP_BUILD = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
  CARGO_PROFILE_RELEASE_DEBUG: "0",
};

/// WebAssembly is built for its size: every isolate loads it, npm sends it. The crates that hash and
/// sign are not; Cargo.toml names them. Linked as one, it is 25 KB smaller still (docs/decisions/0023).
export const SMALL = {
  // Where the caller has flags of his own, cargo would not look at VECTORS.
  RUSTFLAGS: undefined,
  CARGO_ENCODED_RUSTFLAGS: undefined,
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "z",
  CARGO_PROFILE_RELEASE_LTO: "fat",
};

/// Vector instructions, for a runtime that is known to have them: what hashes is quicker, and the
/// module smaller (docs/decisions/0023).
export const VECTORS = {
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS: "-Ctarget-feature=+simd128",
};

// What rustc and wasm-bindgen use, and no more: workerd has to know it.
const WASM_FEATURES = [
  "mutable-globals",
  "sign-ext",
  "nontrapping-float-to-int",
  "bulk-memory",
  "multivalue",
  "reference-types",
  "exception-handling",
  "simd",
];

// What a build of the Worker needs; `install` without names installs these.
const BUILD_TOOLS = ["wasm-bindgen", "worker-build"];

const TOOLS = {
  "wasm-bindgen": () => ({
    version: wasmBindgenVersion(),
    // Not `wasm-bindgen`: rustc takes a crate of that name for the library, and an old one.
    command: "authcore-wasm-bindgen",
    source: ["--path", join(WORKER, "tools")],
  }),
  "worker-build": () => fromRegistry("worker-build", "0.8.7", ["--bin", "worker-build"]),
  "cargo-deny": () => fromRegistry("cargo-deny", "0.20.2", ["--no-default-features"]),
  "cargo-fuzz": () => fromRegistry("cargo-fuzz", "0.13.2", []),
  "cargo-geiger": () => fromRegistry("cargo-geiger", "0.13.0", []),
  "cargo-llvm-cov": () => fromRegistry("cargo-llvm-cov", "0.9.1", []),
};

/// Puts the runtime's signatures where src/signatures.rs names them, seen from a folder of a build:
/// into the folder returned, for worker-build to bundle.
export function putSignatures(folder) {
  const js = join(folder, "js");
  mkdirSync(js, { recursive: true });
  copyFileSync(join(WORKER, "src", "signatures.mjs"), join(js, "signatures.mjs"));
  return js;
}

function fromRegistry(crate, version, options) {
  return { version, source: [crate, "--version", `=${version}`, ...options] };
}

function lockedVersion(lockFile, crate) {
  const lock = readFileSync(lockFile, "utf8");
  return lock.match(new RegExp(`name = "${crate}"\\nversion = "([^"]+)"`))?.[1];
}

/// The command line and the crate speak a private format: only equal versions understand each other.
function wasmBindgenVersion() {
  const crate = lockedVersion(join(ROOT, "Cargo.lock"), "wasm-bindgen");
  const cli = lockedVersion(join(WORKER, "tools", "Cargo.lock"), "wasm-bindgen-cli");
  if (crate !== undefined && crate !== cli) {
    throw new Error(
      `Cargo.lock holds wasm-bindgen ${crate}, worker/tools/Cargo.lock wasm-bindgen-cli ${cli}: ` +
        `set wasm-bindgen-cli = "=${crate}" in worker/tools/Cargo.toml, then run ` +
        "`cargo update --manifest-path worker/tools/Cargo.toml -p wasm-bindgen-cli`",
    );
  }
  return cli;
}

function described(name) {
  const describe = TOOLS[name];
  if (describe === undefined) {
    throw new Error(`no tool \`${name}\`: there are ${Object.keys(TOOLS).join(", ")}`);
  }
  const tool = describe();
  const root = join(CACHE, "tools", `${name}-${tool.version}`);
  return { ...tool, name, root, binary: join(root, "bin", tool.command ?? name) };
}

/// The absolute path of an installed tool.
export function toolPath(name) {
  const tool = described(name);
  if (!existsSync(tool.binary)) {
    throw new Error(`${name} ${tool.version} is not installed: run \`make deps\` once`);
  }
  return tool.binary;
}

function install(name) {
  const tool = described(name);
  if (existsSync(tool.binary)) return;
  console.error(`tools: building ${name} ${tool.version}, once, into ${tool.root}`);
  const started = Date.now();
  // A folder of its own, kept until it succeeds, so that an interrupted build goes on.
  const target = join(CACHE, "tools", `build-${name}`);
  const { RUSTFLAGS, CARGO_ENCODED_RUSTFLAGS, ...environment } = process.env;
  const done = spawnSync("cargo", ["install", "--locked", "--root", tool.root, ...tool.source], {
    cwd: ROOT,
    env: { ...environment, ...CHEAP_BUILD, CARGO_TARGET_DIR: target },
    stdio: ["ignore", 2, 2],
  });
  if (done.status !== 0) throw new Error(`building ${name} ${tool.version} failed`);
  rmSync(target, { recursive: true, force: true });
  console.error(`tools: ${name} built in ${Math.round((Date.now() - started) / 1000)} s`);
}

/// Makes a module smaller and quicker, in its place; the names of its functions go.
export function optimise(module) {
  const features = WASM_FEATURES.map((feature) => `--enable-${feature}`);
  const tool = join(WORKER, "node_modules", "binaryen", "bin", "wasm-opt");
  const done = spawnSync(tool, ["-O1", ...features, module, "-o", module], { stdio: "inherit" });
  if (done.status !== 0) throw new Error(`wasm-opt failed on ${module}`);
}

function main([verb, ...names]) {
  if (verb === "install") {
    for (const name of names.length > 0 ? names : BUILD_TOOLS) install(name);
  } else if (verb === "path" && names.length === 1) {
    console.log(toolPath(names[0]));
  } else {
    throw new Error("usage: tools.mjs install [name...] | path <name>");
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    main(process.argv.slice(2));
  } catch (error) {
    console.error(`tools: ${error.message}`);
    process.exit(1);
  }
}
