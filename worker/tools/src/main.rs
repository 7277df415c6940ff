//! The `wasm-bindgen` command, as wasm-bindgen-cli's own binary has it.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen::run_cli_with_args(std::env::args_os())
}
